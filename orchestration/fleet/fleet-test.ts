/** Runs one test whose runners are on other machines, from its creation to its results. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLighthouse, type Lighthouse } from '../../lighthouse/app'
import { printableTexts } from '../../cli/printable'
import { textsFor } from '../../cli/surface'
import { messageOf, UserError } from '../../cli/user-error'
import type { ClientPage } from '../../protocol/page'
import { redact } from '../../runner/redact'
import { createTest, finishTest, runnerOptions } from '../local-test'
import type { LocalOutcome, LocalParts, LocalTest } from '../local-test'
import { startTogether } from '../together'
import type { Engine, Exit, Job, Runners } from '../../deploy/runners/engine'
import { KILLED } from '../../deploy/runners/tool'
import type { ChosenShare } from '../../libraries/library'
import { serveOwnPage } from '../../libraries/bundle/own-page'
import type { Progress } from '../../cli/progress'
import { writableFolder } from '../../cli/results-folder'
import { newId } from '../plan'
import { downloadResults } from './download'
import {
  allNodes,
  engineOf,
  placeOn,
  refuseUnfit,
  type FleetFlags,
  type FleetLoad,
  type Placement
} from './fleet'
import { openServers, type Servers } from './servers'

const LOOK_EVERY_MS = 500
/** Time allowed to start the runners and connect, and again to submit results. */
const PATIENCE_MS = 600_000
/** Once all peers are done, runners close their browsers. */
const END_WITHIN_MS = 30_000
/** How long to wait for a node that was lost. */
const BACK_WITHIN_MS = 600_000

export interface Fleet {
  engine: Engine
  servers: Servers
  placement: Pick<Placement, 'nodes' | 'coresEach'>
}

export interface FleetTest extends LocalTest {
  id: string
  /** Built here, so that nodes need neither the build nor a bundler. */
  page: ClientPage
  /** Which part of each node its runners get. */
  slot: number
}

/** The page in a folder that `buildPage` has filled. */
export async function readPage(folder: string): Promise<ClientPage> {
  const read = (name: string) => readFile(join(folder, name), 'utf8')
  return { index: await read('index.html'), bundle: await read('bundle.js') }
}

export async function runFleetTest(
  fleet: Fleet,
  test: FleetTest,
  { progress, signal, barrier }: Omit<LocalParts, 'cores'>,
  folder: string
): Promise<LocalOutcome> {
  const { engine, servers, placement } = fleet
  const { client } = servers
  const resultsFile = join(folder, `${test.id}.json`)
  const isOwn = servers.dashboardUrl !== undefined
  // The download would replace the results of another test: that server does not know of them.
  if (!isOwn && existsSync(resultsFile))
    throw new UserError(`${resultsFile} exists: choose another --id, or move it away`)
  await progress.step('Nodes', untilBack)
  const lighthouse: Partial<Lighthouse> & { url: string } =
    servers.sharedLighthouse ?? (await startLighthouse({ port: 0, host: servers.address }))
  try {
    const { id } = await createTest(client, test, barrier !== undefined)
    await client.putPage(id, test.page)
    const runners = await engine
      .start(id, jobsOf(test, fleet, lighthouse.url))
      .catch(async (error: unknown) => {
        // Runners that nobody could stop end with their test.
        await client.finishTest(id).catch(() => undefined)
        throw error
      })
    let ended: Exit[]
    let failures: string[]
    try {
      const exits = await startTogether(barrier, client, test, () =>
        progress.step('Peers', (update) => follow(runners, update))
      )
      ended = await Promise.all(exits.map((exit) => withoutStopped(exit, runners)))
      failures = await failuresOf(ended, runners, servers.submitToken)
      if (failures.length === 0 && !signal.aborted) ended.push(...(await silentBeside(ended)))
    } finally {
      await progress.step('Cleaning up the nodes', () => runners.stop())
    }
    const lost = ended.find((exit) => exit.lost !== undefined)
    if (signal.aborted) failures.push('Stopped before the end: existing results are kept')
    const last = await client.getTest(id)
    if (failures.length === 0 && !lost && last.peers.done < test.peers)
      failures.push(`Only ${last.peers.done} of ${test.peers} peers have submitted their results`)
    const finished = await progress.step('Summarising', () => finishTest(client, id, failures))
    const { summary, startsAt } = printableTexts(finished)
    if (!isOwn) await downloadResults({ url: client.url, token: servers.token }, id, folder)
    return {
      summary,
      hasStarted: startsAt !== undefined,
      resultsFile,
      failures: lost ? [] : failures,
      timeouts: [],
      ...(lost && { lost: `${lost.node} was lost: ${lost.lost!}` })
    }
  } finally {
    await lighthouse.close?.()
  }

  /** Waits until all runners have ended, one of them is lost or failed, or waiting longer is pointless. */
  async function follow(runners: Runners, update: (detail: string) => void): Promise<Exit[]> {
    const ended: Exit[] = []
    const all = Promise.all(runners.exits.map(async (exit) => ended.push(await exit)))
    const latest = performance.now() + 2 * PATIENCE_MS + test.duration * 1000
    for (;;) {
      const { state, peers, runners: known } = await client.getTest(test.id)
      update(`${state}, ${peers.ready} of ${test.peers} ready, ${peers.done} done`)
      const cannotStart = state === 'created' && known.some(({ lost }) => lost)
      const isBroken = cannotStart || ended.some(({ code, lost }) => lost !== undefined || code !== 0)
      const isOver = state === 'finished' || peers.done >= test.peers || ended.length === runners.exits.length
      if (isOver) await Promise.race([all, sleep(END_WITHIN_MS, undefined, { ref: false })])
      if (isOver || isBroken || signal.aborted || performance.now() > latest) return ended
      await sleep(LOOK_EVERY_MS)
    }
  }

  /** An engine may call alive a runner whose machine is gone, and wait for one that never starts. */
  async function silentBeside(ended: readonly Exit[]): Promise<Exit[]> {
    const { peers, runners } = await client.getTest(test.id)
    const isHeard = (index: number) => runners.some(({ id, lost }) => id === runnerIdOf(index) && !lost)
    const silent = placement.nodes.filter(
      (name, index) => !isHeard(index) && ended.every(({ node }) => node !== name)
    )
    const lost = 'the results server does not hear from its runner'
    return peers.done < test.peers ? silent.map((node) => ({ node, code: null, lost })) : []
  }

  /** A block repeats on the same nodes, so one that was lost must come back. */
  async function untilBack(update: (detail: string) => void): Promise<void> {
    const latest = performance.now() + BACK_WITHIN_MS
    for (;;) {
      const missing = await engine.nodes().then((nodes) => {
        const there = new Set(nodes.map(({ name }) => name))
        return placement.nodes.filter((name) => !there.has(name)).join(', ')
      }, messageOf)
      if (missing === '') return
      if (performance.now() > latest)
        throw new UserError(`No answer from ${missing}: bring it back, then run this again`)
      update(`waiting for ${missing}`)
      await sleep(2_000, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

const runnerIdOf = (node: number) => `runner-${node + 1}`

/** Each node gets as many peers as the others, and in both tests of a block those with the same numbers. */
function jobsOf(test: FleetTest, { servers, placement }: Fleet, lighthouseUrl: string): Job[] {
  const { nodes, coresEach } = placement
  const { resultsServerUrl, sharedLighthouse } = servers
  const own = { ...test, peerIds: sharedLighthouse ? ('test' as const) : ('seed' as const) }
  const common = {
    ...runnerOptions(own, test.id, { lighthouseUrl, resultsServerUrl }),
    // Options were already checked here.
    allowUnknownOptions: 'yes' as const
  }
  const firstOf = (node: number) => Math.round((test.peers * node) / nodes.length)
  return nodes.map((node, index) => ({
    node,
    cores: coresEach,
    slot: test.slot,
    variables: {
      ...textsFor('runner', {
        ...common,
        nodeName: node,
        runnerId: runnerIdOf(index),
        firstPeerNumber: firstOf(index),
        peersCount: firstOf(index + 1) - firstOf(index)
      }),
      ...(servers.submitToken !== undefined && { RESULTS_SERVER_SUBMIT_TOKEN: servers.submitToken })
    }
  }))
}

/** A host that shuts down tells its runner to stop. Until the test is over, nobody else does. */
async function withoutStopped(exit: Exit, runners: Runners): Promise<Exit> {
  if (exit.lost !== undefined || exit.code === 0) return exit
  const isStopped = /^SIG\w+: stopping/m.test(await runners.logs(exit.node).catch(messageOf))
  return isStopped ? { ...exit, lost: 'its runner was stopped from outside' } : exit
}

/** What each runner that failed has printed last: of an error, not the end of its stack or advice. */
function failuresOf(ended: readonly Exit[], runners: Runners, token: string | undefined): Promise<string[]> {
  const failed = ended.filter(({ code, lost }) => code !== 0 && lost === undefined)
  return Promise.all(
    failed.map(async ({ node, code }) => {
      const lines = (await runners.logs(node).catch(messageOf)).split('\n')
      const failure = lines.findLast((line) => line.startsWith('Failed: '))?.slice(8)
      const said = failure ?? lines.findLast((line) => /^(?!Node\.js v)[^\s}]/.test(line)) ?? lines.at(-1)!
      const killed = code === KILLED ? ' (killed, as for lack of memory)' : ''
      return redact(`${node}: the runner ended with code ${code ?? 'none'}${killed}: ${said}`, token)
    })
  )
}

export type OnTest = FleetFlags &
  FleetLoad &
  Omit<LocalTest, 'peersPerTab'> & { peersPerTab?: number | undefined; plan?: true }

/**
 * `peer-perf run --on`: with servers and tokens that end with the test. Returns where the peers would run if
 * it only planned. Throws UserError.
 */
export async function runOn(
  test: OnTest,
  [share, ...others]: readonly [ChosenShare, ...ChosenShare[]],
  progress: Progress,
  signal: AbortSignal
): Promise<LocalOutcome | Placement> {
  if (others.length > 0) throw new UserError('--on takes one build of the library: name one by --library')
  const engine = engineOf(test)
  const nodes = await progress.step('Asking the nodes', () => allNodes(engine))
  const placement = placeOn(nodes, test, test)
  for (const line of placement.lines) console.log(line)
  refuseUnfit(placement)
  if (test.plan) return placement
  const folder = writableFolder()
  const page = await progress.step('Building the page', async () => {
    const own = await serveOwnPage(share.chosen.page)
    return readPage(own.folder).finally(() => own.close())
  })
  const servers = await openServers(engine, test, folder)
  try {
    if (servers.dashboardUrl !== undefined) console.log(`Watch it at ${servers.dashboardUrl}`)
    const { id = newId(), peersPerTab = placement.layout.peersPerTab } = test
    const fleet = { engine, servers, placement }
    const own = { ...test, id, peersPerTab, page, slot: 0 }
    return withLoss(await runFleetTest(fleet, own, { progress, signal }, folder))
  } finally {
    await servers.close()
  }
}

/** A lost node fails a test that nobody repeats. */
export function withLoss({ lost, ...outcome }: LocalOutcome): LocalOutcome {
  return lost === undefined ? outcome : { ...outcome, failures: [...outcome.failures, lost] }
}
