/** A runner's part in a test, from its first look at the servers to the last peer's results. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import type { ResultsClient } from '../protocol/api-client'
import type { RunnerRegistration } from '../protocol/page'
import type { TestState } from '../protocol/test'
import { obtainBrowser } from './browser'
import { excessOf, findCalibration } from './calibration'
import { closeBrowser } from './close-browser'
import type { RunnerConfiguration } from './configuration'
import { Heartbeat } from './heartbeat'
import { launchBrowser } from './launch'
import { LighthouseWatch } from './lighthouse-watch'
import { MachineClock } from './machine-clock'
import { MachineSampler } from './machine/sampler'
import { checkCore } from './own-core'
import type { Progress } from './progress'
import { provenance } from './provenance'
import { resultsFolder } from './results-folder'
import { askLighthouse, checkClientPage, findTest, resultsClient } from './servers'
import { openTab, planTabs, stopTabs, tabAddress } from './tabs'
import { LOOK_EVERY_MS, Watch } from './watch'

/** A page that was told to stop hands in within this time; `docker stop` kills after 10 s. */
const STOP_WITHIN_MS = 7_000
/** After the routines' end, for handing in; pages try for about a minute where the server is away. */
const END_WITHIN_MS = 90_000
/** For connecting; pages give up sooner. */
const READY_WITHIN_MS = 300_000

export interface RunParts {
  /** Address of the client page. */
  clientUrl: string
  progress: Progress
  /** Aborted: the peers hand in what they have, and the run ends. */
  signal: AbortSignal
}

export interface ClientsOutcome {
  /** One line for each thing that failed. */
  failures: readonly string[]
  /** One line for each wait that was given up. An overloaded machine does that: then the summary is void, and says so better. */
  timeouts: readonly string[]
}

/** Adds this runner's peers to the test and waits until all have handed in their results. Throws UserError where the run can't begin. */
export async function runClients(
  configuration: RunnerConfiguration,
  parts: RunParts
): Promise<ClientsOutcome> {
  const { progress, signal } = parts
  const client = resultsClient(configuration)
  const watch = new Watch(configuration.peersCount, (line) => {
    progress.note(line)
  })
  const [test, lighthouse] = await progress.step('Checking the servers', () =>
    Promise.all([
      findTest(client, configuration.testId),
      askLighthouse(configuration.lighthouseUrl),
      checkClientPage(parts.clientUrl)
    ])
  )
  const excess = excessOf(configuration, findCalibration(resultsFolder(), configuration))
  if (excess !== undefined) progress.note(excess)
  const { browserCore } = configuration
  if (browserCore !== undefined) checkCore(browserCore)
  const machine = new MachineSampler(browserCore)
  const browser = await progress.step('Starting the browser', (update) =>
    startBrowser(parts, browserCore, update)
  )
  const run = new Run(configuration, parts, client, test, browser, watch, machine)
  try {
    await run.register(
      provenance({
        browser: await browser.version(),
        cores: machine.availableCores,
        lighthouse,
        peersPerTab: configuration.peersPerTab,
        ownCore: browserCore !== undefined
      })
    )
    await progress.step('Opening tabs', (update) => run.openTabs(update))
    await progress.step('Peers', (update) => run.follow(update))
    if (signal.aborted) watch.problem('Stopped before the end: what there was is handed in')
    await run.end()
  } finally {
    watch.over()
    await closeBrowser(browser)
  }
  return { failures: watch.failures, timeouts: watch.timeouts }
}

async function startBrowser(
  { clientUrl, progress }: RunParts,
  core: number | undefined,
  update: (detail: string) => void
): Promise<Browser> {
  const tell = (line: string) => {
    progress.note(line)
  }
  const path = await obtainBrowser(tell)
  update(path)
  return launchBrowser(path, new URL(clientUrl).origin, tell, core)
}

class Run {
  private readonly pages: Page[] = []
  private readonly heartbeat: Heartbeat
  private readonly clock: MachineClock
  private lighthouse: LighthouseWatch | undefined
  private firstPeerNumber = 0
  private testState: TestState['state'] = 'created'
  private openedAt = 0
  private startedAt: number | undefined
  private stoppedAt: number | undefined

  constructor(
    private readonly configuration: RunnerConfiguration,
    private readonly parts: RunParts,
    private readonly client: ResultsClient,
    private readonly test: TestState,
    private readonly browser: Browser,
    private readonly watch: Watch,
    machine: MachineSampler
  ) {
    this.clock = new MachineClock(client, configuration.runnerId)
    machine.watchBrowser(browser.process()?.pid)
    this.heartbeat = new Heartbeat(
      client,
      configuration.testId,
      configuration.runnerId,
      machine,
      watch,
      ({ state }) => {
        this.testState = state
      }
    )
    browser.on('disconnected', () => {
      this.watch.browserGone()
    })
  }

  async register(about: Parameters<Heartbeat['register']>[0]): Promise<void> {
    const registration: RunnerRegistration = await this.heartbeat.register(about)
    this.firstPeerNumber = registration.firstPeerNumber
    this.testState = registration.state
    this.heartbeat.start()
    await this.clock.start()
    const isFirst = registration.firstPeerNumber === 0
    this.lighthouse = new LighthouseWatch(this.configuration, this.client, this.watch, isFirst, this.clock)
    this.lighthouse.start()
  }

  /** One after the other: pages that load all at once slow each other, and then the peers' first connections. */
  async openTabs(update: (detail: string) => void): Promise<void> {
    const { configuration, browser, watch } = this
    const plans = planTabs(configuration.peersCount, configuration.peersPerTab, this.firstPeerNumber)
    const meshPeers = this.test.expectedPeers ?? configuration.peersCount
    for (const plan of plans) {
      if (this.parts.signal.aborted || watch.isBrowserGone) return
      update(`${plan.number} of ${plans.length}`)
      const address = tabAddress(configuration, this.parts.clientUrl, plan, meshPeers)
      this.pages.push(await openTab(browser, plan, address, watch, this.clock))
    }
  }

  /** Until all tabs have ended, or nothing is to be expected any more. */
  async follow(update: (detail: string) => void): Promise<void> {
    this.openedAt = performance.now()
    while (!this.watch.settled && !this.isOverdue()) {
      this.watch.look()
      if (this.watch.running) this.startedAt ??= performance.now()
      if (this.parts.signal.aborted || this.cannotStart()) this.stop()
      update(this.detail())
      await sleep(LOOK_EVERY_MS)
    }
  }

  private stop(): void {
    if (this.stoppedAt !== undefined) return
    this.stoppedAt = performance.now()
    stopTabs(this.pages)
  }

  /** Every wait has an end. */
  private isOverdue(): boolean {
    const { watch, openedAt, startedAt, stoppedAt } = this
    const now = performance.now()
    if (stoppedAt !== undefined) return startedAt === undefined || now - stoppedAt > STOP_WITHIN_MS
    if (startedAt === undefined) {
      if (watch.ready || now - openedAt < READY_WITHIN_MS) return false
      watch.timeOut(
        `Only ${watch.peers.ready} of ${watch.peers.wanted} peers are connected after ${READY_WITHIN_MS / 60_000} minutes`
      )
      return true
    }
    if (now - startedAt < this.duration * 1000 + END_WITHIN_MS) return false
    watch.timeOut(`Only ${watch.peers.done} of ${watch.peers.wanted} peers have handed in their results`)
    return true
  }

  /** A test waits for all its peers: where one can't come, the others would wait for ever. */
  private cannotStart(): boolean {
    return this.startedAt === undefined && this.testState === 'created' && this.watch.failures.length > 0
  }

  async end(): Promise<void> {
    const { failures, timeouts } = this.watch
    this.lighthouse?.stop()
    this.clock.stop()
    await this.heartbeat.end(failures.length + timeouts.length > 0 ? 'failed' : 'finished')
  }

  /** Seconds. */
  private get duration(): number {
    return this.test.duration ?? this.configuration.testDuration
  }

  private detail(): string {
    const { peers, totals } = this.watch
    const connections = `${totals.connected} connections`
    if (this.startedAt === undefined) {
      const waits = this.watch.ready ? ', waiting for the start' : ''
      return `${peers.ready} of ${peers.wanted} ready, ${connections}${waits}`
    }
    if (peers.done > 0) return `${peers.done} of ${peers.wanted} have handed in their results`
    const elapsed = performance.now() - this.startedAt
    return [
      `${Math.min(this.duration, Math.floor(elapsed / 1000))} of ${this.duration} s`,
      connections,
      `${totals.messagesSent.toLocaleString('en')} sent`,
      `${totals.messagesReceived.toLocaleString('en')} received`,
      `ticks ${Math.round(totals.tickLatenessP95)} ms late (p95)`
    ].join(', ')
  }
}
