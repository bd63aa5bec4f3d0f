/** A thread that runs one simulation: see pool.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Job, WorkerMessage } from './pool'
import { simulate } from './simulate'

const { plan, lighthouse } = workerData as Job
const send = (message: WorkerMessage) => {
  parentPort!.postMessage(message)
}

simulate(plan, lighthouse, {
  progress: (elapsed, { packets }) => {
    send({ kind: 'progress', elapsed, packets })
  }
}).then(
  (outcome) => {
    send({ kind: 'done', outcome })
  },
  // Throw in the thread, so that the pool is notified.
  (error: unknown) => {
    setImmediate(() => {
      throw error
    })
  }
)
