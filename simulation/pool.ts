/** Runs simulations in parallel, in processes of their own. */
import { availableParallelism } from 'node:os'
import { stripVTControlCharacters } from 'node:util'
import { printable, printableTexts } from '../cli/printable'
import { UserError } from '../cli/user-error'
import { imprison, type Prisoner } from './jail'
import type { Builds, Plan } from './plan'
import type { Outcome, Progress } from './simulate'
import { bundleOwn, bundlePrograms, type Programs } from './world/bundles'

/** What a child process gets. */
export interface Job {
  plan: Plan
  programs: Programs
}

/** Messages from a child process. */
export type ChildMessage =
  | ({ kind: 'progress' } & Progress)
  | { kind: 'print'; text: string }
  | { kind: 'done'; outcome: Outcome }
  | { kind: 'failed'; error: string }

/** The machine has ended a process: that says nothing about its build. */
export class LostProcessError extends UserError {}

export interface PoolOptions {
  /** Number of simulations at a time; by default, the number of cores. */
  threads?: number
  /** Its processes outlive the plans; by default, the plans get processes of their own. */
  pool?: Pool
  signal?: AbortSignal
  /** Called with a plan's index and how far it is. */
  progress?: (index: number, progress: Progress) => void
  /** Called when a plan is done. */
  done?: (index: number, outcome: Outcome) => void | Promise<void>
}

/** A process, and the builds that it runs: no other build shares it. */
interface Cell extends Prisoner {
  builds: Builds
}

/** On a single core, the two builds of a comparison take turns. */
const COMPARED = 2
const LOOK_AHEAD = 4

/**
 * Processes that run plans of the same builds one after the other, because starting and warming one up takes
 * longer than a small mesh.
 */
export class Pool {
  private readonly idle: Cell[] = []
  private readonly open = new Set<Cell>()
  private readonly queue: { builds: Builds; start: () => void }[] = []
  private free: number
  private isClosed = false

  constructor(private readonly threads = availableParallelism()) {
    this.free = threads
  }

  /** Runs the plan when it is its turn. Rejects with a UserError if its process dies. */
  async run(plan: Plan, index: number, options: PoolOptions): Promise<Outcome> {
    const { signal } = options
    if (this.free > 0) this.free--
    else await new Promise<void>((start) => this.queue.push({ builds: plan.builds, start }))
    try {
      const [code, programs] = [await bundleOwn('child'), await bundlePrograms()]
      signal?.throwIfAborted()
      // Others that share it may have ended all: nobody would end a process that starts now.
      this.refuseIfClosed()
      const cell = this.cellFor(plan.builds, code)
      const outcome = await runIn(cell, { plan, programs }, index, options)
      this.idle.push(cell)
      if (this.idle.length > Math.max(COMPARED, this.threads)) this.idle.shift()!.kill()
      return outcome
    } catch (error) {
      // Then, processes die because they are stopped.
      signal?.throwIfAborted()
      this.refuseIfClosed()
      throw error
    } finally {
      const next = this.next()
      if (next) next.start()
      else this.free++
    }
  }

  /** Ends its processes, and starts no more. */
  close(): void {
    this.isClosed = true
    this.open.forEach(({ kill }) => kill())
  }

  private refuseIfClosed(): void {
    if (this.isClosed) throw new Error('The pool of simulations is closed')
  }

  /** One of the first in the queue that finds a warm process, or else the first. */
  private next() {
    const warm = this.queue
      .slice(0, LOOK_AHEAD * this.threads)
      .findIndex(({ builds }) => this.idle.some((cell) => cell.builds === builds))
    return this.queue.splice(Math.max(0, warm), 1)[0]
  }

  private cellFor(builds: Builds, code: string): Cell {
    const index = this.idle.findIndex((each) => each.builds === builds)
    if (index >= 0) return this.idle.splice(index, 1)[0]!
    const files = builds.map(({ text }) => `${text}.js`)
    const cell = { builds, ...imprison(code, files) }
    this.open.add(cell)
    const forget = () => {
      this.open.delete(cell)
      if (this.idle.includes(cell)) this.idle.splice(this.idle.indexOf(cell), 1)
    }
    cell.death.then(forget).catch(() => undefined)
    return cell
  }
}

/** Runs all plans. Results are in their order. Rejects as soon as one fails. */
export async function simulateAll(plans: readonly Plan[], options: PoolOptions = {}): Promise<Outcome[]> {
  const { threads, pool = new Pool(threads), done } = options
  const over = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal
  const simulateOne = async (plan: Plan, index: number) => {
    const outcome = await pool.run(plan, index, { ...options, signal })
    await done?.(index, outcome)
    return outcome
  }
  try {
    return await Promise.all(plans.map(simulateOne))
  } finally {
    over.abort()
    if (options.pool === undefined) pool.close()
  }
}

/** Rejects if the job fails; the process is of no use then. */
async function runIn(
  { process: child, kill, send, watch, death }: Cell,
  job: Job,
  index: number,
  { progress, signal }: PoolOptions
): Promise<Outcome> {
  let virtualMs = -1
  const result = new Promise<Outcome>((resolve, reject) => {
    child.on('message', (message: ChildMessage) => {
      switch (message.kind) {
        case 'progress':
          if (message.virtualMs > virtualMs) watch(true)
          virtualMs = message.virtualMs
          progress?.(index, message)
          break
        case 'print':
          process.stderr.write(`${safe(stripVTControlCharacters(message.text))}\n`)
          break
        case 'done':
          resolve(printableOutcome(message.outcome))
          break
        case 'failed':
          reject(new Error(safe(message.error)))
      }
    })
  })
  signal?.addEventListener('abort', kill)
  watch(true)
  send(job)
  const ended = death.then(({ line, isOfMachine }) => {
    throw new (isOfMachine ? LostProcessError : UserError)(safe(line))
  })
  try {
    return await Promise.race([result, ended])
  } finally {
    signal?.removeEventListener('abort', kill)
    child.removeAllListeners('message')
    watch(false)
  }
}

/** The build under test decides what is said. */
const safe = (text: string) => printable(text, { lines: true })

function printableOutcome(outcome: Outcome): Outcome {
  const { document, errors, failures, refusal } = outcome
  return {
    ...outcome,
    ...printableTexts({ errors, failures, ...(refusal !== undefined && { refusal }) }),
    document: { ...document, summary: printableTexts(document.summary!) }
  }
}
