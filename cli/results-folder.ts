import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where this machine keeps results: TEST_RESULTS_LOCATION, or a folder in the user's home. */
export function resultsFolder(): string {
  const { TEST_RESULTS_LOCATION } = process.env
  return TEST_RESULTS_LOCATION ? resolve(TEST_RESULTS_LOCATION) : join(homedir(), 'peer-performance-tests')
}
