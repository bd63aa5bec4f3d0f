import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { attempt } from '../protocol/attempt'
import { UserError } from './user-error'

/** Where this machine keeps results: TEST_RESULTS_LOCATION, or a folder in the user's home. */
export function resultsFolder(): string {
  const { TEST_RESULTS_LOCATION } = process.env
  if (!TEST_RESULTS_LOCATION) return join(homeFolder(), 'peer-performance-tests')
  const folder = resolve(TEST_RESULTS_LOCATION)
  // Of what cannot be looked at, writing says why.
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UserError(
      `TEST_RESULTS_LOCATION is "${folder}", which is not a folder: name one, or one to be created`
    )
  return folder
}

/** Throws UserError for a user without one, such as a number that nobody has on this machine. */
export function homeFolder(): string {
  // It throws if there is neither HOME nor an entry among the users.
  const folder = attempt(homedir)
  if (folder) return folder
  throw new UserError('You have no home folder: set HOME to a folder of yours')
}

/** Creates the folder if missing. Throws UserError if it cannot be written to, before a command's work. */
export function writableFolder(folder = resultsFolder(), fix?: string): string {
  try {
    // Results are the user's own matter, unless the folder was named for them.
    makeFolder(folder, fix === undefined ? 0o700 : 0o777)
    return folder
  } catch (error) {
    throw notWritable(folder, error as Error, fix)
  }
}

export const notWritable = (
  folder: string,
  { message }: Error,
  fix = /^(ENOSPC|EDQUOT)/.test(message) ? 'make room' : 'set TEST_RESULTS_LOCATION to a folder of yours'
) => new UserError(`Can't write to the results folder ${folder} (${message}): ${fix}`)

/** Creates a folder and its parents if missing. Throws if it cannot be read or written to. */
export function makeFolder(folder: string, mode = 0o777): void {
  createMissing(folder, mode)
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`)
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** One by one: node's `recursive` option never returns if mkdir fails with ENOENT, as in /proc. */
function createMissing(folder: string, mode: number): void {
  if (existsSync(folder)) return
  createMissing(dirname(folder), mode)
  try {
    mkdirSync(folder, { mode })
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error
  }
}
