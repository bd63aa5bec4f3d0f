import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where results of this machine are kept: TEST_RESULTS_LOCATION, or a folder of the user's home. */
export function resultsFolder(): string {
  const { TEST_RESULTS_LOCATION } = process.env
  return TEST_RESULTS_LOCATION ? resolve(TEST_RESULTS_LOCATION) : join(homedir(), 'peer-performance-tests')
}
