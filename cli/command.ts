/**
 * How a command starts and ends: one line for an error, the right exit code, and an orderly stop on signals.
 */
import { ApiError, UnreachableError } from '../protocol/api-client'
import { UserError } from './user-error'

/**
 * Runs a command and sets the exit code that it returns, or 1 if it throws. The first SIGINT, SIGTERM or
 * SIGHUP aborts the command's signal; a second one ends the process immediately.
 */
export function runCommand(main: (signal: AbortSignal) => Promise<number>): void {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(1)
      console.error(`${name}: stopping. Press Ctrl-C again to quit now`)
      controller.abort(new UserError(`Stopped by ${name}`))
    })
  }
  main(controller.signal).then(endWith, (error: unknown) => {
    console.error(isMendable(error) ? error.message : error)
    endWith(1)
  })
}

function endWith(exitCode: number): void {
  process.exitCode = exitCode
  // A lingering socket must not keep the process alive: everything that matters is closed by now.
  setTimeout(() => process.exit(exitCode), 2_000).unref()
}

/** An error that the user can fix needs no stack trace; anything else is a bug, and the trace shows where. */
function isMendable(error: unknown): error is Error {
  return [UserError, ApiError, UnreachableError].some((kind) => error instanceof kind)
}
