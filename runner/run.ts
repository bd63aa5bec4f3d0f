/** A runner's part in a test, from its first look at the servers to the last peer's results. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { ResultsClient } from '../protocol/api-client'
import { obtainBrowser } from './browser'
import { excessOf, findCalibration } from './calibration'
import type { RunnerConfiguration } from './configuration'
import { Heartbeat, reportNoStart } from './heartbeat'
import { closeBrowser, launchBrowser } from './launch'
import { watchLighthouse } from './lighthouse-watch'
import { machineClock } from './machine-clock'
import { MachineSampler } from './machine/sampler'
import { checkCore } from './own-core'
import { checkPreconditions } from './preconditions'
import { aborted } from '../cli/command'
import type { Progress } from '../cli/progress'
import { provenance } from './provenance'
import { resultsFolder } from '../cli/results-folder'
import { messageOf } from '../cli/user-error'
import { askLighthouse, checkClientPage, findTest } from './servers'
import type { PeerRelay } from './relay/peer-relay'
import { TabLinks } from './tab-links'
import { buildOfPeer, openTab, tabAddress, type BuildPage } from './tabs'
import { LOOK_EVERY_MS, Watch } from './watch'

/**
 * From a stop on, pages submit their results within the first time, and the runner its last sample within the
 * second: `docker stop` kills after 10 s.
 */
const STOP_WITHIN_MS = 6_000
const LAST_SAMPLE_WITHIN_MS = 7_000
/** Each look takes CPU from the peers. */
const LOOK_WHILE_MEASURED_MS = 1_000
/** Time for submitting results after the routines' end; pages retry for a minute if the server is away. */
const END_WITHIN_MS = 90_000
/** Time for connecting; pages give up sooner. */
const READY_WITHIN_MS = 300_000

export interface RunParts {
  /** The page of each build in the mesh: it holds as many peers as it says, in the order of their numbers. */
  builds: readonly BuildPage[]
  progress: Progress
  /** The only cores that the browser may use; all by default. */
  cores?: readonly number[] | undefined
  /** When aborted, the peers submit what they have and the run ends. */
  signal: AbortSignal
  /** The relay of this process's own Lighthouse, for networks that the browser cannot emulate. */
  relay?: PeerRelay | undefined
  /** By default, a browser of its own is started. */
  startBrowser?: () => Promise<Browser>
}

export interface ClientsOutcome {
  /** One line for each failure. */
  failures: readonly string[]
  /**
   * One line for each wait that was given up. An overloaded machine causes that; the summary is then void and
   * explains why.
   */
  timeouts: readonly string[]
}

/**
 * Adds this runner's peers to the test and waits until all have submitted their results. Throws UserError if
 * the run cannot start.
 */
export async function runClients(
  configuration: RunnerConfiguration,
  parts: RunParts
): Promise<ClientsOutcome> {
  checkPreconditions(configuration)
  const client = new ResultsClient({ url: configuration.resultsServerUrl, token: configuration.token })
  const tell = (line: string) => parts.progress.note(line)
  const watch = new Watch(configuration.peersCount, tell, undefined, configuration.token)
  const run = await beginRun(configuration, parts, client, watch, tell).catch(async (error: unknown) => {
    await reportNoStart(client, configuration, error)
    throw error
  })
  try {
    try {
      await parts.progress.step('Opening tabs', (update) => run.open(update))
      await parts.progress.step('Peers', (update) => run.follow(update))
      if (parts.signal.aborted) watch.problem('Stopped before the end: existing results are submitted')
    } catch (error) {
      if (!watch.isBrowserGone) watch.problem(messageOf(error))
    }
    await run.end()
  } finally {
    await run.close()
  }
  return { failures: watch.failures, timeouts: watch.timeouts }
}

/** Checks the servers, starts the browser and registers this runner. */
async function beginRun(
  configuration: RunnerConfiguration,
  parts: RunParts,
  client: ResultsClient,
  watch: Watch,
  tell: (line: string) => void
) {
  const { progress, builds } = parts
  const [test, lighthouse] = await progress.step('Checking the servers', () =>
    Promise.all([
      findTest(client, configuration.testId),
      askLighthouse(configuration.lighthouseUrl),
      ...builds.map(({ clientUrl }) => checkClientPage(clientUrl))
    ])
  )
  const excess = excessOf(configuration, findCalibration(resultsFolder(), configuration))
  if (excess !== undefined) tell(excess)
  if (configuration.mesh === 'full' && test.expectedPeers === undefined)
    tell(
      `A full mesh of this runner's ${configuration.peersCount} peers only: if others take part, create the test with "expectedPeers"`
    )
  const links = new TabLinks(configuration, test.seed, parts.relay)
  configuration.browserCore?.forEach(checkCore)
  const ownCores = configuration.browserCore ?? parts.cores
  const machine = new MachineSampler(ownCores)
  const browser = await progress.step('Starting the browser', async (update) => {
    if (parts.startBrowser) return parts.startBrowser()
    const path = await obtainBrowser(tell)
    update(path)
    return launchBrowser(path, undefined, tell, ownCores)
  })
  const { testId, runnerId } = configuration
  const pages: Page[] = []
  /** Aborted when the run is over. */
  const over = new AbortController()
  /** Seconds. */
  const duration = test.duration ?? configuration.testDuration
  let startedAt: number | undefined
  let stoppedAt: number | undefined

  const { clock, next: nextServerClock } = machineClock(client, runnerId, tell)
  machine.watchBrowser(browser.process()?.pid)
  const heartbeat = new Heartbeat(client, testId, runnerId, machine, watch, (registration) => {
    testState = registration.state
    if (registration.stop) stop()
  })
  browser.on('disconnected', () => watch.browserGone())
  const register = async () => {
    const found = { browser: await browser.version(), cores: machine.cores, lighthouse }
    const about = provenance(configuration, found, ownCores !== undefined)
    return heartbeat.register(about, configuration.firstPeerNumber)
  }
  const registration = await register().catch(async (error: unknown) => {
    await close()
    throw error
  })
  let testState = registration.state
  heartbeat.start()
  const isFirst = registration.firstPeerNumber === 0
  const stopLighthouseWatch = watchLighthouse(configuration, client, watch, isFirst, clock)
  return { open, follow, end, close }

  /** Learns the server's clock while the first tabs open. They wait for it themselves. */
  async function open(update: (detail: string) => void): Promise<void> {
    // The clock of a server that answers nothing, and a page that does not load, would be waited for in vain.
    const stopped = AbortSignal.any([parts.signal, over.signal])
    await Promise.race([Promise.all([clock.start(), openTabs(update)]), aborted(stopped)])
  }

  /** Opens tabs one at a time: pages that load at once delay each other and the peers' first connections. */
  async function openTabs(update: (detail: string) => void): Promise<void> {
    links.openRelay()
    const plans = links.plan(registration.firstPeerNumber, tell, (peer) => buildOfPeer(builds, peer))
    const meshPeers = test.expectedPeers ?? configuration.peersCount
    for (const plan of plans) {
      if (parts.signal.aborted || watch.isBrowserGone) return
      update(`${plan.number} of ${plans.length}`)
      const address = tabAddress(configuration, builds[plan.build]!.clientUrl, plan, meshPeers)
      const prepareTab = (page: Page) => links.prepare(page, address, plan)
      pages.push(await openTab(browser, plan, address, watch, nextServerClock, prepareTab))
    }
  }

  /** Waits until all tabs have ended, or until waiting longer is pointless. */
  async function follow(update: (detail: string) => void): Promise<void> {
    const openedAt = performance.now()
    // The network's script, while the test runs.
    links
      .play(client, { now: () => clock.now(), signal: over.signal, tell })
      .catch((error: unknown) => watch.disturbed(`The network's script has stopped: ${messageOf(error)}`))
    while (!watch.settled && !isOverdue(openedAt)) {
      watch.look()
      if (watch.ready) heartbeat.ready()
      if (watch.running) startedAt ??= performance.now()
      // A test waits for all its peers: if one cannot join, the others would wait forever.
      const cannotStart = startedAt === undefined && testState === 'created' && watch.failures.length > 0
      if (parts.signal.aborted || cannotStart) stop()
      update(detail())
      await sleep(isMeasured() ? LOOK_WHILE_MEASURED_MS : LOOK_EVERY_MS)
    }
  }

  function isMeasured(): boolean {
    const sinceStart = performance.now() - (startedAt ?? Infinity)
    return stoppedAt === undefined && sinceStart > 0 && sinceStart < duration * 1000 - LOOK_WHILE_MEASURED_MS
  }

  /** Asks the pages to end immediately and submit what they have. */
  function stop(): void {
    if (stoppedAt !== undefined) return
    stoppedAt = performance.now()
    for (const page of pages) {
      // Not awaited: a page may be unable to answer.
      page.evaluate('window.stopTest?.()').catch(() => undefined)
    }
  }

  /** Whether the current wait has taken too long. */
  function isOverdue(openedAt: number): boolean {
    const now = performance.now()
    const { wanted, ready, done } = watch.peers
    const missing = `Only ${done} of ${wanted} peers have submitted their results`
    if (stoppedAt !== undefined) {
      if (startedAt !== undefined && now - stoppedAt <= STOP_WITHIN_MS) return false
      // After a failure or a signal, it is known why.
      if (watch.failures.length === 0 && !parts.signal.aborted) watch.timeOut(missing)
      return true
    }
    if (startedAt === undefined) {
      if (watch.ready || now - openedAt < READY_WITHIN_MS) return false
      watch.timeOut(
        `Only ${ready} of ${wanted} peers are connected after ${READY_WITHIN_MS / 60_000} minutes`
      )
      return true
    }
    if (now - startedAt < duration * 1000 + END_WITHIN_MS) return false
    watch.timeOut(missing)
    return true
  }

  async function end(): Promise<void> {
    over.abort()
    stopLighthouseWatch()
    clock.stop()
    parts.relay?.close()
    const sinceStop = stoppedAt === undefined ? 0 : performance.now() - stoppedAt
    const state = watch.failures.length + watch.timeouts.length > 0 ? 'failed' : 'finished'
    await heartbeat.end(state, Math.max(1_000, LAST_SAMPLE_WITHIN_MS - sinceStop))
  }

  async function close(): Promise<void> {
    watch.over()
    await closeBrowser(browser)
  }

  function detail(): string {
    const { peers, totals } = watch
    const connections = `${Math.round(totals.links)} links`
    if (startedAt === undefined) {
      const waits = watch.ready ? ', waiting for the start' : ''
      return `${peers.ready} of ${peers.wanted} ready, ${connections}${waits}`
    }
    if (peers.done > 0) return `${peers.done} of ${peers.wanted} have submitted their results`
    const elapsed = performance.now() - startedAt
    return [
      `${Math.min(duration, Math.floor(elapsed / 1000))} of ${duration} s`,
      connections,
      `${totals.messagesSent.toLocaleString('en')} sent`,
      `${totals.messagesReceived.toLocaleString('en')} received`,
      `ticks ${Math.round(totals.tickLatenessP95)} ms late (p95)`
    ].join(', ')
  }
}
