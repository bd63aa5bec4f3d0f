/** How a command begins and ends: one line for an error, the right exit code, and signals that end it in good order. */
import { ApiError, UnreachableError } from '../protocol/api-client'
import { UserError } from './user-error'

/**
 * Runs a command and sets the exit code it returns; 1 where it throws. The first SIGINT, SIGTERM or SIGHUP aborts the signal that it is given; a
 * second one ends the process at once.
 */
export function runCommand(main: (signal: AbortSignal) => Promise<number>): void {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      console.error(`${name}: ending; once more ends at once`)
      controller.abort(new UserError(`Stopped by ${name}`))
    })
  }
  void exitCodeOf(main(controller.signal)).then((code) => {
    process.exitCode = code
    // A socket that lingers must not keep the process: all that matters has been closed by now.
    setTimeout(() => process.exit(code), 2_000).unref()
  })
}

async function exitCodeOf(running: Promise<number>): Promise<number> {
  try {
    return await running
  } catch (error) {
    console.error(isMendable(error) ? error.message : error)
    return 1
  }
}

/** What the user can mend needs no stack; anything else is a bug, and its stack says where. */
function isMendable(error: unknown): error is Error {
  return [UserError, ApiError, UnreachableError].some((kind) => error instanceof kind)
}
