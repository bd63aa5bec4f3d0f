/** The program of a child process that runs one simulation: see jail.ts. */
import type { ChildMessage, Job } from './pool'
import { simulate } from './simulate'

const send = (message: ChildMessage) => {
  process.send!(message)
}
/** The memory limit of V8 does not count array buffers. */
const checkMemory = (mostBytes: number) => {
  if (process.memoryUsage.rss() > mostBytes) throw new Error('out of memory')
}

/** Called by the loader, which has removed Node's globals. */
export function run({ plan, lighthouse }: Job, mostBytes: number): void {
  // Whoever started it is gone, or has the result.
  process.once('disconnect', () => process.exit())
  const progress = (progress: ChildMessage & { kind: 'progress' }) => {
    checkMemory(mostBytes)
    send(progress)
  }
  simulate(plan, lighthouse, {
    progress: (each) => {
      progress({ kind: 'progress', ...each })
    },
    print: (text) => {
      send({ kind: 'print', text })
    }
  })
    .then((outcome) => {
      const message: ChildMessage = { kind: 'done', outcome }
      process.send!(message, undefined, undefined, () => {
        process.disconnect()
      })
    })
    .catch((error: unknown) => {
      send({ kind: 'failed', error: String((error as Error).stack) })
      process.exitCode = 1
    })
}
