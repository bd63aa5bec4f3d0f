/** Chooses the port that a part of a local test listens on. */
import { once } from 'node:events'
import { createServer } from 'node:net'
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
 * The chosen port, or otherwise the usual one. If the usual one is taken, returns 0 (any free port) and
 * informs `tell`. Throws UserError if the chosen one is taken.
 */
export async function pickPort(wanted: WantedPort, tell: (line: string) => void): Promise<number> {
  const { user, flag, usual, chosen } = wanted
  if (chosen !== undefined) {
    if (await isFree(chosen)) return chosen
    throw new UserError(
      `Port ${chosen} is in use: give ${user} another one by ${flag}, or leave ${flag} out to take a free one`
    )
  }
  if (await isFree(usual)) return usual
  tell(`Port ${usual} is in use: ${user} takes a free one.`)
  return 0
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}
