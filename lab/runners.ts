/**
 * Runs a test whose peers run elsewhere: a user-supplied command starts the runners, and the results server
 * reports when they are done.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ResultsClient } from '../protocol/api-client'
import type { Summary } from '../protocol/summary'
import type { TestState } from '../protocol/test-life'
import type { Progress } from '../options/progress'
import type { LocalTest } from './local-test'
import { resultsClient } from '../options/results-client'
import { behaviourOf } from '../options/behaviour'
import { textsFor } from '../options/surface'

const LOOK_EVERY_MS = 1000
/** Time allowed to start the runners and connect, and again to submit results. */
const PATIENCE_MS = 600_000

export interface DistantTest extends LocalTest {
  id: string
  /** In the format of PEER_LIBRARY. */
  build: string
}

/**
 * Creates the test, starts the command with the runners' variables (docs/comparing.md) in its environment,
 * and finishes the test when all peers have submitted their results. Throws ApiError if the results server
 * rejects a request.
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
    failures.push(`Only ${state.peers.done} of ${test.peers} peers have submitted their results`)
  const { summary } = state.state === 'finished'
    ? { summary: await client.getSummary(test.id) }
    : await client.finishTest(test.id)
  return { summary, failures }
}

function variablesOf(
  test: DistantTest,
  servers: { lighthouseUrl: string; resultsServerUrl: string }
): Record<string, string> {
  return textsFor('runner', {
    ...behaviourOf(test),
    ...servers,
    testId: test.id,
    peersCount: test.peers,
    peersPerTab: test.peersPerTab,
    testDuration: test.duration,
    peerLibrary: test.build,
    // Options were already checked here, before the first run.
    allowUnknownOptions: 'yes'
  })
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

/** Waits until all peers are done, the command has failed, the test is finished, or time runs out. */
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
    const isOver = done >= test.peers || state.state === 'finished' || command.failure !== undefined
    if (isOver || signal.aborted || performance.now() > latest) return state
    await sleep(LOOK_EVERY_MS)
  }
}
