/** Runs simulations in parallel, in processes of their own. */
import { availableParallelism } from 'node:os'
import { stripVTControlCharacters } from 'node:util'
import { UserError } from '../cli/user-error'
import { imprison, type Prisoner } from './jail'
import type { Plan } from './plan'
import type { Outcome, Progress } from './simulate'
import { bundleChild } from './world/bundles'

export interface Job {
  plan: Plan
  /** Code of the Lighthouse. */
  lighthouse: string
}

/** Messages from a child process. */
export type ChildMessage =
  | ({ kind: 'progress' } & Progress)
  | { kind: 'print'; text: string }
  | { kind: 'done'; outcome: Outcome }
  | { kind: 'failed'; error: string }

export interface PoolOptions {
  /** Number of simulations at a time; by default, the number of cores. */
  threads?: number
  signal?: AbortSignal
  /** Called with a job's index and how far it is. */
  progress?: (index: number, progress: Progress) => void
  /** Called when a job is done. */
  done?: (index: number, outcome: Outcome) => void | Promise<void>
}

/** Compiled once: compiling the program for each simulation would take two seconds every time. */
let childCode: Promise<string> | undefined

/**
 * Runs all jobs. Results are in the order of the jobs. Rejects as soon as a job fails. A process runs jobs
 * of the same builds one after the other, because starting and warming it up takes longer than a small mesh.
 */
export async function simulateAll(jobs: readonly Job[], options: PoolOptions = {}): Promise<Outcome[]> {
  const { threads = availableParallelism(), done, signal } = options
  const code = await (childCode ??= bundleChild())
  const outcomes: Outcome[] = []
  const idle: Cell[] = []
  const open = new Set<Cell>()
  const close = (cell: Cell | undefined) => {
    cell?.process.kill('SIGKILL')
  }
  const cellFor = ({ plan: { builds } }: Job): Cell => {
    const index = idle.findIndex((each) => each.builds === builds)
    if (index >= 0) return idle.splice(index, 1)[0]!
    const cell = {
      builds,
      ...imprison(
        code,
        builds.map(({ text }) => `${text}.js`)
      )
    }
    open.add(cell)
    cell.death.then(() => open.delete(cell)).catch(() => undefined)
    return cell
  }
  let next = 0
  const work = async () => {
    while (next < jobs.length) {
      signal?.throwIfAborted()
      const index = next++
      const cell = cellFor(jobs[index]!)
      outcomes[index] = await runIn(cell, jobs[index]!, index, options)
      idle.push(cell)
      if (idle.length > threads) close(idle.shift())
      await done?.(index, outcomes[index])
    }
  }
  const stop = () => {
    open.forEach(close)
  }
  signal?.addEventListener('abort', stop, { once: true })
  try {
    await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, work))
    return outcomes
  } finally {
    signal?.removeEventListener('abort', stop)
    next = jobs.length
    stop()
  }
}

/** A process, and the builds that it runs: no other build shares it. */
interface Cell extends Prisoner {
  builds: Plan['builds']
}

/** Rejects if the job fails; the process is of no use then. */
async function runIn(
  { process: child, give, moved, rest, death }: Cell,
  job: Job,
  index: number,
  { signal, progress }: PoolOptions
): Promise<Outcome> {
  let virtualMs = -1
  let hear: ((message: ChildMessage) => void) | undefined
  const result = new Promise<Outcome>((resolve, reject) => {
    hear = (message) => {
      switch (message.kind) {
        case 'progress':
          if (message.virtualMs > virtualMs) moved()
          virtualMs = message.virtualMs
          progress?.(index, message)
          break
        case 'print':
          process.stderr.write(`${stripVTControlCharacters(message.text)}\n`)
          break
        case 'done':
          resolve(message.outcome)
          break
        case 'failed':
          reject(new Error(message.error))
      }
    }
    child.on('message', hear)
  })
  give(job)
  const ended = death.then((line) => {
    signal?.throwIfAborted()
    throw new UserError(line)
  })
  try {
    return await Promise.race([result, ended])
  } finally {
    child.off('message', hear!)
    rest()
  }
}
