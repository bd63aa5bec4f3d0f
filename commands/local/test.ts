/** One whole test in a lab on this machine, from its creation to its summary. */
import { join } from 'node:path'
import { exitCodeOf } from '../../analysis/exit-code'
import type { ResultsClient } from '../../protocol/api-client'
import type { Summary } from '../../protocol/summary'
import { readConfiguration } from '../../runner/configuration'
import type { Progress } from '../../runner/progress'
import { runClients, type ClientsOutcome } from '../../runner/run'
import { UserError } from '../../runner/user-error'
import { resultsClient } from '../results-client'
import type { Lab } from './lab'

export interface LocalTest {
  /** Drawn by the server where absent. */
  id?: string | undefined
  peers: number
  peersPerTab: number
  /** Seconds. */
  duration: number
  /** Seconds. */
  warmup: number
  library: 'layers' | 'islands'
  routine: string
  messageTypes: 'faithful' | 'deduplicated'
  mesh: 'usual' | 'full'
  seed?: number | undefined
  /** JSON object. */
  peerConfig?: string | undefined
  thresholds: readonly string[]
  labels: Readonly<Record<string, string>>
}

export interface LocalOutcome {
  /** Absent where the server could not make it. */
  summary: Summary | undefined
  resultsFile: string
  /** One line for each thing that failed. */
  failures: readonly string[]
  /** 0 good, 1 failed, 2 a threshold was missed, 3 void. */
  exitCode: number
}

/**
 * Runs one test to its end; when `signal` aborts, it ends early and keeps what there is. The page may be another than the lab's own
 * (`clientUrl`), for another build of the peer library.
 */
export async function runLocalTest(
  lab: Pick<Lab, 'lighthouseUrl' | 'resultsServerUrl' | 'clientUrl' | 'folder'>,
  test: LocalTest,
  { progress, signal }: { progress: Progress; signal: AbortSignal }
): Promise<LocalOutcome> {
  const client = resultsClient(lab.resultsServerUrl)
  const { id } = await createTest(client, test)
  const { failures, timeouts } = await runToItsEnd()
  const { summary } = await progress.step('Summarising', () => client.finishTest(id))
  const all = summary?.verdict === 'void' ? failures : [...failures, ...timeouts]
  return {
    summary,
    resultsFile: join(lab.folder, `${id}.json`),
    failures: all,
    exitCode: all.length > 0 || !summary ? 1 : exitCodeOf(summary)
  }

  async function runToItsEnd(): Promise<ClientsOutcome> {
    try {
      return await runClients(configurationOf(lab, test, id), { clientUrl: lab.clientUrl, progress, signal })
    } catch (error) {
      // What was collected until then is finished and kept like any other test.
      return { failures: [error instanceof UserError ? error.message : String(error)], timeouts: [] }
    }
  }
}

function createTest(client: ResultsClient, test: LocalTest): Promise<{ id: string }> {
  return client.createTest(test.id, {
    expectedPeers: test.peers,
    duration: test.duration,
    warmup: test.warmup,
    ...(test.seed !== undefined && { seed: test.seed }),
    labels: { library: test.library, routine: test.routine, ...test.labels },
    thresholds: [...test.thresholds]
  })
}

function configurationOf(
  lab: Pick<Lab, 'lighthouseUrl' | 'resultsServerUrl'>,
  test: LocalTest,
  id: string
): ReturnType<typeof readConfiguration> {
  return readConfiguration({
    TEST_ID: id,
    LIGHTHOUSE_URL: lab.lighthouseUrl,
    RESULTS_SERVER_URL: lab.resultsServerUrl,
    PEERS_COUNT: String(test.peers),
    PEERS_PER_TAB: String(test.peersPerTab),
    TEST_DURATION: String(test.duration),
    LIBRARY: test.library,
    ROUTINE: test.routine,
    MESSAGE_TYPES: test.messageTypes,
    MESH: test.mesh,
    PEER_CONFIG: test.peerConfig ?? '',
    RESULTS_SERVER_TOKEN: process.env.RESULTS_SERVER_TOKEN,
    RESULTS_SERVER_SUBMIT_TOKEN: process.env.RESULTS_SERVER_SUBMIT_TOKEN
  })
}
