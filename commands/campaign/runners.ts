/** A test whose peers run elsewhere: a command of the user starts the runners, and the results server tells when they are done. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultsClient } from '../../protocol/api-client'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'
import type { Progress } from '../../runner/progress'
import type { LocalTest } from '../local/test'
import { resultsClient } from '../results-client'

const LOOK_EVERY_MS = 1000
/** For starting the runners and connecting, and again for handing in. */
const PATIENCE_MS = 600_000

export interface DistantTest extends LocalTest {
  id: string
  /** As PEER_LIBRARY takes it. */
  build: string
}

/**
 * Creates the test, starts the command with the runners' variables (docs/comparing.md) in its environment, and finishes the test when all peers
 * have handed in. Throws ApiError where the results server refuses.
 */
export async function runElsewhere(
  command: string,
  servers: { lighthouseUrl: string; resultsServerUrl: string },
  test: DistantTest,
  { progress, signal }: { progress: Progress; signal: AbortSignal }
): Promise<{ summary: Summary | undefined; failures: string[] }> {
  const client = resultsClient(servers.resultsServerUrl)
  await client.createTest(test.id, {
    expectedPeers: test.peers,
    duration: test.duration,
    warmup: test.warmup,
    ...(test.seed !== undefined && { seed: test.seed }),
    labels: { ...test.labels }
  })
  const failures: string[] = []
  const runners = startCommand(command, variablesOf(test, servers), signal)
  const state = await progress.step('Peers elsewhere', (update) =>
    awaitPeers(client, test, runners, update, signal)
  )
  if (runners.failure !== undefined) failures.push(runners.failure)
  if (state.peers.done < test.peers)
    failures.push(`Only ${state.peers.done} of ${test.peers} peers have handed in their results`)
  const { summary } = state.finished
    ? { summary: await client.getSummary(test.id) }
    : await client.finishTest(test.id)
  return { summary, failures }
}

function variablesOf(
  test: DistantTest,
  servers: { lighthouseUrl: string; resultsServerUrl: string }
): Record<string, string> {
  return {
    TEST_ID: test.id,
    LIGHTHOUSE_URL: servers.lighthouseUrl,
    RESULTS_SERVER_URL: servers.resultsServerUrl,
    PEERS_COUNT: String(test.peers),
    PEERS_PER_TAB: String(test.peersPerTab),
    TEST_DURATION: String(test.duration),
    PEER_LIBRARY: test.build,
    ROUTINE: test.routine,
    MESSAGE_TYPES: test.messageTypes,
    MESH: test.mesh,
    PEER_CONFIG: test.peerConfig ?? ''
  }
}

interface Command {
  failure: string | undefined
  hasEnded: boolean
}

function startCommand(command: string, variables: Record<string, string>, signal: AbortSignal): Command {
  const state: Command = { failure: undefined, hasEnded: false }
  const child = spawn(command, {
    shell: true,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal
  })
  child.on('error', (error) => {
    state.hasEnded = true
    state.failure = `The runners' command failed: ${error.message}`
  })
  child.on('close', (code) => {
    state.hasEnded = true
    if (code !== 0) state.failure ??= `The runners' command ended with code ${code ?? 'none'}: ${command}`
  })
  return state
}

/** Until all peers are done, the command has failed, the test is finished, or it takes too long. */
async function awaitPeers(
  client: ResultsClient,
  test: DistantTest,
  command: Command,
  update: (detail: string) => void,
  signal: AbortSignal
): Promise<TestState> {
  const latest = performance.now() + 2 * PATIENCE_MS + test.duration * 1000
  for (;;) {
    const state = await client.getTest(test.id)
    const { ready, done } = state.peers
    update(`${state.state}, ${ready} of ${test.peers} ready, ${done} done`)
    const isOver = done >= test.peers || state.finished || command.failure !== undefined
    if (isOver || signal.aborted || performance.now() > latest) return state
    await sleep(LOOK_EVERY_MS)
  }
}
