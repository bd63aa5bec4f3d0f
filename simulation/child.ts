/** The program of a child process that runs simulations one after the other: see jail.ts. */
import type { ChildMessage, Job } from './pool'
import { LONGEST_TEXT, simulate } from './simulate'

const send = (message: ChildMessage) => process.send!(message)

async function run({ plan, programs }: Job): Promise<void> {
  try {
    const outcome = await simulate(plan, programs, {
      progress: (each) => send({ kind: 'progress', ...each }),
      print: (text) => send({ kind: 'print', text: text.slice(0, LONGEST_TEXT) })
    })
    send({ kind: 'done', outcome })
  } catch (error) {
    send({ kind: 'failed', error: String((error as Error).stack) })
  }
}

process.on('message', (job) => void run(job as Job))
// Whoever started it is gone, or needs it no longer.
process.once('disconnect', () => process.exit())
// Of a build's last moment, when its run has ended already.
process.on('unhandledRejection', () => undefined)
