/** A runner's part in a test, from its first look at the servers to the last peer's results. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import type { ResultsClient } from '../protocol/api-client'
import type { ServerClock } from '../protocol/clock/server-clock'
import type { NextSharedBound } from '../protocol/clock/shared-clock'
import type { TestState } from '../protocol/test-life'
import { obtainBrowser, type Tell } from './browser'
import { excessOf, findCalibration } from './calibration'
import { closeBrowser } from './close-browser'
import type { RunnerConfiguration } from './configuration'
import { Heartbeat, reportNoStart } from './heartbeat'
import { launchBrowser } from './launch'
import { watchLighthouse } from './lighthouse-watch'
import { machineClock } from './machine-clock'
import { MachineSampler } from './machine/sampler'
import { checkCore } from './own-core'
import { checkPreconditions } from './preconditions'
import { aborted } from '../options/command'
import type { Progress } from '../options/progress'
import { provenance } from './provenance'
import { resultsFolder } from '../options/results-folder'
import { askLighthouse, checkClientPage, findTest, resultsClient } from './servers'
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
/**
 * Time for submitting results after the routines' end; pages retry for about a minute if the server is away.
 */
const END_WITHIN_MS = 90_000
/** Time for connecting; pages give up sooner. */
const READY_WITHIN_MS = 300_000

export interface RunParts {
  /** Address of the client page. */
  clientUrl: string
  /**
   * The pages of several builds of the library in one mesh, which replace `clientUrl`: each holds as many of
   * the mesh's peers as it says, in the order of their numbers.
   */
  builds?: readonly BuildPage[] | undefined
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
  const client = resultsClient(configuration)
  const tell = (line: string) => parts.progress.note(line)
  const cannotStart = async (error: unknown): Promise<never> => {
    await reportNoStart(client, configuration, error)
    throw error
  }
  const ground = await prepare(client, configuration, parts, tell).catch(cannotStart)
  const watch = new Watch(configuration.peersCount, tell, undefined, configuration.token)
  try {
    const run = new Run(configuration, parts, client, ground, watch, tell)
    await run.register().catch(cannotStart)
    try {
      await parts.progress.step('Opening tabs', (update) => run.open(update))
      await parts.progress.step('Peers', (update) => run.follow(update))
      if (parts.signal.aborted) watch.problem('Stopped before the end: existing results are submitted')
    } catch (error) {
      watch.problem(error instanceof Error ? error.message : String(error))
    }
    await run.end()
  } finally {
    watch.over()
    await closeBrowser(ground.browser)
  }
  return { failures: watch.failures, timeouts: watch.timeouts }
}

/** Checks the servers and starts the browser. */
async function prepare(
  client: ResultsClient,
  configuration: RunnerConfiguration,
  parts: RunParts,
  tell: Tell
) {
  const { progress } = parts
  const [test, lighthouse] = await progress.step('Checking the servers', () =>
    Promise.all([
      findTest(client, configuration.testId),
      askLighthouse(configuration.lighthouseUrl),
      ...pagesOf(parts).map(({ clientUrl }) => checkClientPage(clientUrl))
    ])
  )
  const excess = excessOf(configuration, findCalibration(resultsFolder(), configuration))
  if (excess !== undefined) tell(excess)
  if (configuration.mesh === 'full' && test.expectedPeers === undefined)
    tell(
      `A full mesh of this runner's ${configuration.peersCount} peers only: if others take part, create the test with "expectedPeers"`
    )
  const links = new TabLinks(configuration, test.seed, parts.relay)
  const { browserCore } = configuration
  browserCore?.forEach(checkCore)
  const ownCores = browserCore ?? parts.cores
  const machine = new MachineSampler(ownCores)
  const browser = await progress.step('Starting the browser', async (update) => {
    if (parts.startBrowser) return parts.startBrowser()
    const path = await obtainBrowser(tell)
    update(path)
    return launchBrowser(path, undefined, tell, ownCores)
  })
  return { test, lighthouse, links, machine, ownCores, browser }
}

/** The page of each build; one page for all peers if they run the same build. */
function pagesOf({ clientUrl, builds }: RunParts): readonly BuildPage[] {
  return builds ?? [{ clientUrl, peers: Infinity }]
}

class Run {
  private readonly pages: Page[] = []
  /** Aborted when the run is over. */
  private readonly over = new AbortController()
  private readonly heartbeat: Heartbeat
  private readonly clock: ServerClock
  private readonly nextServerClock: NextSharedBound
  private stopLighthouseWatch: (() => void) | undefined
  private firstPeerNumber = 0
  private testState: TestState['state'] = 'created'
  private openedAt = 0
  private startedAt: number | undefined
  private stoppedAt: number | undefined

  constructor(
    private readonly configuration: RunnerConfiguration,
    private readonly parts: RunParts,
    private readonly client: ResultsClient,
    private readonly ground: Awaited<ReturnType<typeof prepare>>,
    private readonly watch: Watch,
    private readonly tell: Tell
  ) {
    const { testId, runnerId } = configuration
    const { machine, browser } = ground
    ;({ clock: this.clock, next: this.nextServerClock } = machineClock(client, runnerId, tell))
    machine.watchBrowser(browser.process()?.pid)
    this.heartbeat = new Heartbeat(client, testId, runnerId, machine, watch, ({ state, stop }) => {
      this.testState = state
      if (stop) this.stop()
    })
    browser.on('disconnected', () => this.watch.browserGone())
  }

  async register(): Promise<void> {
    const { configuration, heartbeat } = this
    const { browser, machine, lighthouse, ownCores } = this.ground
    const found = { browser: await browser.version(), cores: machine.cores, lighthouse }
    const about = provenance(configuration, found, ownCores !== undefined)
    const { firstPeerNumber, state } = await heartbeat.register(about, configuration.firstPeerNumber)
    this.firstPeerNumber = firstPeerNumber
    this.testState = state
    heartbeat.start()
    const isFirst = firstPeerNumber === 0
    this.stopLighthouseWatch = watchLighthouse(configuration, this.client, this.watch, isFirst, this.clock)
  }

  /** Learns the server's clock while the first tabs open. They wait for it themselves. */
  async open(update: (detail: string) => void): Promise<void> {
    // The clock of a server that answers nothing would be waited for in vain.
    const stopped = AbortSignal.any([this.parts.signal, this.over.signal])
    const clock = Promise.race([this.clock.start(), aborted(stopped)])
    await Promise.all([clock, this.openTabs(update)])
  }

  /**
   * Opens tabs one at a time: pages that load all at once slow each other down, and then the peers' first
   * connections.
   */
  private async openTabs(update: (detail: string) => void): Promise<void> {
    const { configuration, watch } = this
    const { browser, links, test } = this.ground
    links.openRelay()
    const builds = pagesOf(this.parts)
    const plans = links.plan(this.firstPeerNumber, this.tell, (peer) => buildOfPeer(builds, peer))
    const meshPeers = test.expectedPeers ?? configuration.peersCount
    for (const plan of plans) {
      if (this.parts.signal.aborted || watch.isBrowserGone) return
      update(`${plan.number} of ${plans.length}`)
      const address = tabAddress(configuration, builds[plan.build]!.clientUrl, plan, meshPeers)
      const prepareTab = (page: Page) => links.prepare(page, address, plan)
      this.pages.push(await openTab(browser, plan, address, watch, this.nextServerClock, prepareTab))
    }
  }

  /** Plays the network's script while the test runs. */
  private playScript(): void {
    const parts = { now: () => this.clock.now(), signal: this.over.signal, tell: this.tell }
    this.ground.links
      .play(this.client, parts)
      .catch((error: unknown) =>
        this.watch.problem(
          `The network's script has stopped: ${error instanceof Error ? error.message : String(error)}`
        )
      )
  }

  /** Waits until all tabs have ended, or until waiting longer is pointless. */
  async follow(update: (detail: string) => void): Promise<void> {
    this.openedAt = performance.now()
    this.playScript()
    while (!this.watch.settled && !this.isOverdue()) {
      this.watch.look()
      if (this.watch.ready) this.heartbeat.ready()
      if (this.watch.running) this.startedAt ??= performance.now()
      if (this.parts.signal.aborted || this.cannotStart()) this.stop()
      update(this.detail())
      await sleep(LOOK_EVERY_MS)
    }
  }

  /** Asks the pages to end immediately and submit what they have. */
  private stop(): void {
    if (this.stoppedAt !== undefined) return
    this.stoppedAt = performance.now()
    for (const page of this.pages) {
      // Not awaited: a page may be unable to answer.
      page.evaluate('window.stopTest?.()').catch(() => undefined)
    }
  }

  /** Whether the current wait has taken too long. */
  private isOverdue(): boolean {
    const { watch, openedAt, startedAt, stoppedAt } = this
    const now = performance.now()
    const missing = `Only ${watch.peers.done} of ${watch.peers.wanted} peers have submitted their results`
    if (stoppedAt !== undefined) {
      if (startedAt !== undefined && now - stoppedAt <= STOP_WITHIN_MS) return false
      // After a failure or a signal, it is known why.
      if (watch.failures.length === 0 && !this.parts.signal.aborted) watch.timeOut(missing)
      return true
    }
    if (startedAt === undefined) {
      if (watch.ready || now - openedAt < READY_WITHIN_MS) return false
      watch.timeOut(
        `Only ${watch.peers.ready} of ${watch.peers.wanted} peers are connected after ${READY_WITHIN_MS / 60_000} minutes`
      )
      return true
    }
    if (now - startedAt < this.duration * 1000 + END_WITHIN_MS) return false
    watch.timeOut(missing)
    return true
  }

  /** A test waits for all its peers: if one cannot join, the others would wait forever. */
  private cannotStart(): boolean {
    return this.startedAt === undefined && this.testState === 'created' && this.watch.failures.length > 0
  }

  async end(): Promise<void> {
    const { failures, timeouts } = this.watch
    this.over.abort()
    this.stopLighthouseWatch?.()
    this.clock.stop()
    this.parts.relay?.close()
    const sinceStop = this.stoppedAt === undefined ? 0 : performance.now() - this.stoppedAt
    const state = failures.length + timeouts.length > 0 ? 'failed' : 'finished'
    await this.heartbeat.end(state, Math.max(1_000, LAST_SAMPLE_WITHIN_MS - sinceStop))
  }

  /** Seconds. */
  private get duration(): number {
    return this.ground.test.duration ?? this.configuration.testDuration
  }

  private detail(): string {
    const { peers, totals } = this.watch
    const links = `${Math.round(totals.links)} links`
    if (this.startedAt === undefined) {
      const waits = this.watch.ready ? ', waiting for the start' : ''
      return `${peers.ready} of ${peers.wanted} ready, ${links}${waits}`
    }
    if (peers.done > 0) return `${peers.done} of ${peers.wanted} have submitted their results`
    const elapsed = performance.now() - this.startedAt
    return [
      `${Math.min(this.duration, Math.floor(elapsed / 1000))} of ${this.duration} s`,
      links,
      `${totals.messagesSent.toLocaleString('en')} sent`,
      `${totals.messagesReceived.toLocaleString('en')} received`,
      `ticks ${Math.round(totals.tickLatenessP95)} ms late (p95)`
    ].join(', ')
  }
}
