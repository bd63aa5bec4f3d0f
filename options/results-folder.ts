import { statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { UserError } from './user-error'

/** Where this machine keeps results: TEST_RESULTS_LOCATION, or a folder in the user's home. */
export function resultsFolder(): string {
  const { TEST_RESULTS_LOCATION } = process.env
  if (!TEST_RESULTS_LOCATION) return join(homedir(), 'peer-performance-tests')
  const folder = resolve(TEST_RESULTS_LOCATION)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new UserError(
      `TEST_RESULTS_LOCATION is "${folder}", which is not a folder: name one, or one to be created`
    )
  return folder
}
