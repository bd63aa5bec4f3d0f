/** Chooses the port that a part of a local test listens on. */
import { portTrouble } from '../cli/listen-error'
import { UserError } from '../cli/user-error'

interface WantedPort {
  /** What listens there, e.g. "the Lighthouse". */
  user: string
  /** The flag that sets it. */
  flag: string
  usual: number
  chosen?: number | undefined
}

/**
 * Starts on the chosen port, or the usual one, or any free one if that is taken, and tells so. A look
 * beforehand would not do: another process may take it. Throws UserError if the chosen one is taken, or not
 * allowed.
 */
export async function startOnPort<T>(
  { user, flag, usual, chosen }: WantedPort,
  tell: (line: string) => void,
  start: (port: number) => Promise<T>
): Promise<T> {
  const port = chosen ?? usual
  try {
    return await start(port)
  } catch (error) {
    const trouble = portTrouble(listenCode(error), port)
    if (trouble === undefined) throw error
    if (chosen !== undefined)
      throw new UserError(
        `${trouble}: give ${user} another one by ${flag}, or leave ${flag} out to take a free one`
      )
    tell(`${trouble}: ${user} takes a free one.`)
    return start(0)
  }
}

/** Undefined if it failed for something else. */
function listenCode(error: unknown): string | undefined {
  const { code, syscall, cause } = error as NodeJS.ErrnoException
  if (syscall === 'listen') return code
  return cause === undefined ? undefined : listenCode(cause)
}
