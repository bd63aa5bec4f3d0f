/** Runs simulations in parallel, each in a process of its own. */
import { availableParallelism } from 'node:os'
import { stripVTControlCharacters } from 'node:util'
import { UserError } from '../cli/user-error'
import { imprison } from './jail'
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

/** Runs all jobs. Results are in the order of the jobs. Rejects as soon as a job fails. */
export async function simulateAll(jobs: readonly Job[], options: PoolOptions = {}): Promise<Outcome[]> {
  const { threads = availableParallelism(), done } = options
  const code = await (childCode ??= bundleChild())
  const outcomes: Outcome[] = []
  let next = 0
  const work = async () => {
    while (next < jobs.length) {
      options.signal?.throwIfAborted()
      const index = next++
      const outcome = await runInChild(code, jobs[index]!, index, options)
      outcomes[index] = outcome
      await done?.(index, outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, work))
  return outcomes
}

async function runInChild(
  code: string,
  job: Job,
  index: number,
  { signal, progress }: PoolOptions
): Promise<Outcome> {
  const files = job.plan.builds.map(({ text }) => `${text}.js`)
  const { process: child, moved, death } = imprison(code, job, files)
  const stop = () => {
    child.kill('SIGKILL')
  }
  signal?.addEventListener('abort', stop, { once: true })
  let virtualMs = -1
  let result: Outcome | undefined
  let failure: string | undefined
  child.on('message', (message: ChildMessage) => {
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
        result = message.outcome
        break
      case 'failed':
        failure = message.error
    }
  })
  const line = await death
  signal?.removeEventListener('abort', stop)
  signal?.throwIfAborted()
  if (result) return result
  if (failure !== undefined) throw new Error(failure)
  throw new UserError(line)
}
