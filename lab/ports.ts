/** Chooses the port that a part of a local test listens on. */
import { UserError } from '../options/user-error'

export interface WantedPort {
  /** What listens there, e.g. "the Lighthouse". */
  user: string
  /** The flag that sets it. */
  flag: string
  usual: number
  /** Set by the user. */
  chosen?: number | undefined
}

/**
 * Starts on the chosen port, or otherwise on the usual one. If the usual one is taken, starts on any free one
 * and informs `tell`. Throws UserError if the chosen one is taken. A look beforehand would not do: another
 * process may take the port meanwhile.
 */
export async function startOnPort<T>(
  { user, flag, usual, chosen }: WantedPort,
  tell: (line: string) => void,
  start: (port: number) => Promise<T>
): Promise<T> {
  try {
    return await start(chosen ?? usual)
  } catch (error) {
    if (!isTaken(error)) throw error
    if (chosen !== undefined)
      throw new UserError(
        `Port ${chosen} is in use: give ${user} another one by ${flag}, or leave ${flag} out to take a free one`
      )
    tell(`Port ${usual} is in use: ${user} takes a free one.`)
    return start(0)
  }
}

function isTaken(error: unknown): boolean {
  const { code, cause } = error as NodeJS.ErrnoException
  return code === 'EADDRINUSE' || (cause !== undefined && isTaken(cause))
}
