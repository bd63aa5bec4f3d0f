/** Runs simulations in parallel, one per thread: virtual time and randomness are per thread. */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Plan } from './plan'
import { bundleWorker } from './world/bundles'
import type { Outcome } from './simulate'

export interface Job {
  plan: Plan
  /** Code of the Lighthouse. */
  lighthouse: string
}

/** Messages from a worker. */
export type WorkerMessage =
  { kind: 'progress'; elapsed: number; packets: number } | { kind: 'done'; outcome: Outcome }

export interface PoolOptions {
  /** Number of simulations at a time; by default, the number of cores. */
  threads?: number
  signal?: AbortSignal
  /** Called with a job's index and its ms since the routines started. */
  progress?: (index: number, elapsed: number) => void
  /** Called when a job is done. */
  done?: (index: number, outcome: Outcome) => void | Promise<void>
}

/** Compiled once: compiling the worker for each simulation would take two seconds every time. */
let workerCode: Promise<string> | undefined

/** Runs all jobs. Results are in the order of the jobs. Rejects as soon as a job fails. */
export async function simulateAll(jobs: readonly Job[], options: PoolOptions = {}): Promise<Outcome[]> {
  const { threads = availableParallelism(), done } = options
  const code = await (workerCode ??= bundleWorker())
  const outcomes: Outcome[] = []
  let next = 0
  const work = async () => {
    while (next < jobs.length) {
      options.signal?.throwIfAborted()
      const index = next++
      const outcome = await runInWorker(code, jobs[index]!, index, options)
      outcomes[index] = outcome
      await done?.(index, outcome)
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, jobs.length) }, work))
  return outcomes
}

function runInWorker(
  code: string,
  job: Job,
  index: number,
  { signal, progress }: PoolOptions
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, {
      eval: true,
      workerData: job,
      // A bundle does not need the loader that compiles this process's TypeScript.
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' }
    })
    const stop = () => void worker.terminate()
    signal?.addEventListener('abort', stop, { once: true })
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') progress?.(index, message.elapsed)
      else resolve(message.outcome)
    })
    worker.on('error', reject)
    worker.on('exit', (code) => {
      signal?.removeEventListener('abort', stop)
      // Whoever stopped it says why; otherwise it crashed.
      reject(
        signal?.aborted
          ? (signal.reason as Error)
          : new Error(`A simulation ended without a result (code ${code})`)
      )
    })
  })
}
