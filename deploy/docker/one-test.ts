/**
 * Creates a test, or waits for its end and prints its summary, from inside the lab's network
 * (docker-compose.yml): `node one-test.js create`, `node one-test.js validity`, which ends with the test's
 * exit code.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { summaryText } from '../../analysis/summary/summary-text'
import { fail } from '../../cli/command'
import { exitCodeOf } from '../../cli/exit-code'
import { UserError } from '../../cli/user-error'
import { ApiError, ResultsClient } from '../../protocol/api-client'

const { TEST_ID = '', RESULTS_SERVER_URL = '', RESULTS_SERVER_TOKEN, THRESHOLDS = '' } = process.env

const LOOK_EVERY_MS = 2_000

async function main(): Promise<number> {
  const command = process.argv[2]
  for (const [name, value] of Object.entries({ TEST_ID, RESULTS_SERVER_URL }))
    if (value === '') throw new UserError(`${name} is missing.`)
  const client = new ResultsClient({
    url: RESULTS_SERVER_URL,
    // A cluster starts everything at once: wait for the server for about a minute.
    retries: 20,
    ...(RESULTS_SERVER_TOKEN !== undefined && { token: RESULTS_SERVER_TOKEN })
  })
  if (command === 'create') return create(client)
  if (command === 'validity') return reportValidity(client)
  throw new UserError('Usage: node one-test.js create|validity')
}

/** Waits until the server answers. */
async function create(client: ResultsClient): Promise<number> {
  const settings = {
    expectedPeers: number('EXPECTED_PEERS'),
    duration: number('TEST_DURATION'),
    thresholds: THRESHOLDS.split(',').filter((expression) => expression !== '')
  }
  await client.status()
  try {
    await client.createTest(TEST_ID, settings)
    console.log(`Created test ${TEST_ID}.`)
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'test-exists')) throw error
    const test = await client.getTest(TEST_ID)
    if (test.state !== 'created')
      throw new UserError(`Test ${TEST_ID} is already ${test.state}: choose another TEST_ID`)
    const names = Object.keys(settings) as (keyof typeof settings)[]
    const others = names.filter((name) => !isDeepStrictEqual(test[name], settings[name]))
    if (others.length > 0)
      throw new UserError(
        `Test ${TEST_ID} exists with other settings (${others.join(', ')}): choose another TEST_ID`
      )
  }
  return 0
}

/** JSON has no other numbers than finite ones. */
function number(name: string): number | undefined {
  const text = process.env[name] ?? ''
  if (text === '') return undefined
  if (!Number.isFinite(Number(text))) throw new UserError(`${name} must be a number, not "${text}"`)
  return Number(text)
}

/** A test that cannot start any more has no end to wait for. */
async function untilStarted(client: ResultsClient): Promise<void> {
  for (;;) {
    const { state, runners } = await client.getTest(TEST_ID)
    if (state !== 'created') return
    const gone = runners.find(({ state, lost }) => lost || state === 'failed' || state === 'finished')
    if (gone) {
      const why = gone.lost ? 'is lost' : `has ${gone.state}`
      throw new UserError(
        `Test ${TEST_ID} cannot start: runner ${gone.id} ${why}. Read its log, stop the others, and choose another TEST_ID.`
      )
    }
    await sleep(LOOK_EVERY_MS)
  }
}

async function reportValidity(client: ResultsClient): Promise<number> {
  await untilStarted(client)
  await client.waitForTest(TEST_ID, 'finished')
  const summary = await client.getSummary(TEST_ID)
  process.stdout.write(summaryText(summary))
  return exitCodeOf({ summary })
}

main().then((code) => (process.exitCode = code), fail)
