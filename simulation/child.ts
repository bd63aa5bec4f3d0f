/** The program of a child process that runs one simulation: see jail.ts. */
import type { ChildMessage, Job } from './pool'
import { simulate } from './simulate'

const send = (message: ChildMessage) => {
  process.send!(message)
}

/** Called by the loader, which has removed Node's globals. */
export function run({ plan, lighthouse }: Job): void {
  // Whoever started it is gone, or has the result.
  process.once('disconnect', () => process.exit())
  simulate(plan, lighthouse, {
    progress: (each) => {
      send({ kind: 'progress', ...each })
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
