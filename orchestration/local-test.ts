/** Runs one whole test in a lab on this machine, from its creation to its summary. */
import { join } from 'node:path'
import type { Browser } from 'puppeteer'
import { behaviourOf, type Behaviour } from '../cli/behaviour'
import { ApiError, type ResultsClient } from '../protocol/api-client'
import type { Generation, PeerIds } from '../protocol/names'
import type { Summary } from '../protocol/summary'
import { runnerConfiguration } from '../runner/configuration'
import type { Progress } from '../cli/progress'
import { redact } from '../runner/redact'
import { runClients, type ClientsOutcome } from '../runner/run'
import type { BuildPage } from '../runner/tabs'
import { UserError } from '../cli/user-error'
import { printableTexts } from '../cli/printable'
import { resultsClient } from '../cli/results-client'
import type { Lab } from './lab'
import type { Setting } from './plan'
import { startTogether, type StartBarrier } from './together'

export interface LocalTest
  extends Partial<Behaviour>, Pick<Setting, 'peers' | 'peersPerTab' | 'duration' | 'warmup'> {
  /** Drawn by the server if absent. */
  id?: string | undefined
  library: Generation
  /** If the mesh has several builds of the library: the page of each, and its number of peers. */
  builds?: readonly BuildPage[] | undefined
  /** `test` if the Lighthouse outlives the test; `seed` by default. */
  peerIds?: PeerIds
  seed?: number | undefined
  thresholds: readonly string[]
  labels: Readonly<Record<string, string>>
}

export interface LocalParts {
  progress: Progress
  signal: AbortSignal
  /** One that starts already; by default the test starts its own. The test closes it. */
  browser?: Promise<Browser> | undefined
  /** The only cores that the browser may use; all by default. */
  cores?: readonly number[] | undefined
  /** Shared by tests that start at the same instant. */
  barrier?: StartBarrier | undefined
}

export interface LocalOutcome {
  /** Absent if the server could not create it. */
  summary: Summary | undefined
  /** If not, the failures and timeouts say why, and there is nothing to show. */
  hasStarted: boolean
  resultsFile: string
  /** One line for each thing that failed. */
  failures: readonly string[]
  /** One line for each wait that was given up; of a void test, its reasons say more. */
  timeouts: readonly string[]
  /** The node or runner that was lost, and why. The result then says nothing about the build. */
  lost?: string
}

/**
 * When `signal` aborts, the test ends early and keeps the results it has. `clientUrl` may be a page other
 * than the lab's own, for another build of the library.
 */
export async function runLocalTest(
  lab: Pick<Lab, 'lighthouseUrl' | 'resultsServerUrl' | 'clientUrl' | 'folder'> &
    Partial<Pick<Lab, 'pageToken' | 'relay'>>,
  test: LocalTest,
  { progress, signal, browser, cores, barrier }: LocalParts
): Promise<LocalOutcome> {
  const client = resultsClient(lab.resultsServerUrl)
  const { id } = await createTest(client, test, barrier !== undefined)
  const { failures: found, timeouts } = await startTogether(barrier, client, { ...test, id }, runToItsEnd)
  const failures = [...found]
  const finished = await progress.step('Summarising', () => finishTest(client, id, failures))
  // Its texts come from the pages, which run the build under test.
  const { summary, startsAt } = printableTexts(finished)
  return {
    summary,
    hasStarted: startsAt !== undefined,
    resultsFile: join(lab.folder, `${id}.json`),
    failures: summary?.verdict === 'void' ? failures : [...failures, ...timeouts],
    timeouts
  }

  async function runToItsEnd(): Promise<ClientsOutcome> {
    try {
      // Never the control token: the page runs the build under test.
      const token = [lab.pageToken, process.env.RESULTS_SERVER_SUBMIT_TOKEN].find(Boolean)
      const options = { ...runnerOptions(test, id, lab), peersCount: test.peers, token }
      return await runClients(runnerConfiguration(options), {
        builds: test.builds ?? [{ clientUrl: lab.clientUrl, peers: Infinity }],
        progress,
        signal,
        relay: lab.relay,
        cores,
        ...(browser && { startBrowser: () => browser })
      })
    } catch (error) {
      // Whatever was collected so far is finished and kept like any other test.
      const text = error instanceof UserError ? error.message : String(error)
      return { failures: [redact(text, lab.pageToken)], timeouts: [] }
    }
  }
}

/** Adds to the failures if somebody else has finished it before its time. */
export const finishTest = (client: ResultsClient, id: string, failures: string[]) =>
  client.finishTest(id).catch(async (error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'test-finished')) throw error
    const state = await client.getTest(id)
    if (state.finishedAt! < state.startsAt! + state.duration! * 1000)
      failures.push('The test was finished before its time: existing results are kept')
    return { ...state, summary: await client.getSummary(id) }
  })

export function createTest(client: ResultsClient, test: LocalTest, holdStart: boolean) {
  return client.createTest(test.id, {
    expectedPeers: test.peers,
    holdStart,
    duration: test.duration,
    warmup: test.warmup,
    ...(test.seed !== undefined && { seed: test.seed }),
    labels: { library: test.library, routine: behaviourOf(test).routine, ...test.labels },
    thresholds: [...test.thresholds]
  })
}

/** The options of all runners of a test. */
export const runnerOptions = (
  test: LocalTest,
  testId: string,
  { lighthouseUrl, resultsServerUrl }: Pick<Lab, 'lighthouseUrl' | 'resultsServerUrl'>
) => ({
  ...behaviourOf(test),
  ...{ testId, lighthouseUrl, resultsServerUrl },
  peersPerTab: test.peersPerTab,
  testDuration: test.duration,
  library: test.library,
  peerIds: test.peerIds ?? 'seed'
})
