/**
 * Runs one test in virtual time: the suite's page with the unmodified library, the suite's Lighthouse, and a
 * network in memory.
 */
import { inspect } from 'node:util'
import { summarize } from '../analysis/summary/summarize'
import { peerIdOf } from '../client/randomness'
import { unusualOf } from '../cli/behaviour'
import { partOf } from '../cli/network/assignment'
import { usualPeersPerTab } from '../cli/network/engine'
import { shareOf } from '../cli/network/link'
import { parseNetwork } from '../cli/network/parse'
import { attempt } from '../protocol/attempt'
import { peerNumbers } from '../protocol/peer-numbers'
import type { ResultsDocument } from '../protocol/results-document'
import { SeededRandom } from '../protocol/random'
import { Thread } from './engine/thread'
import { VirtualTime } from './engine/virtual-time'
import { ConnectionRegistry } from './network/connection-registry'
import type { SimPeerConnection } from './network/peer-connection'
import { MACHINE_DELAY } from './network/machine'
import { SimNetwork } from './network/sim-network'
import { placeIn } from './place'
import { formatFault } from './fault-text'
import type { Plan } from './plan'
import { judge, type Judged } from './explore/judge'
import type { Programs } from './world/bundles'
import { Trace } from './world/trace'
import { planFaults, plannedOutages } from './world/faults'
import { SimLighthouse } from './world/lighthouse'
import { PacketLog } from './world/packet-log'
import type { OpenedPage, openPage } from './world/page-entry'
import { pagesOf, searchOf, SERVERS, type PagePlan } from './world/pages'
import { ResultsServer } from './world/results'
import { Realm } from './world/realm'
import { addUncaught } from './world/uncaught'

export interface Outcome {
  /** Includes its summary. */
  document: ResultsDocument
  /** Digest of all packets that arrived on data channels: when, where, and their contents. */
  packetLog: string
  packets: number
  /** CPU time of the process, in ms: it compares builds whose packet logs are equal. */
  cpuMs: number
  /** Errors thrown in a page or a Lighthouse, including unhandled rejections. */
  errors: string[]
  /** Why the run failed, one line each: a page failed, or used something that is not simulated. */
  failures: string[]
  /** The first of them, if a browser may run the build all the same: it says nothing about the build. */
  refusal?: string
  /** From the first connection to the last result. */
  virtualMs: number
  /** Only if the plan traces messages. */
  judged?: Judged
}

export interface Watch {
  /** Called a few times a second. */
  progress?: (progress: Progress) => void
  /** Called with what the page prints. */
  print?: (text: string) => void
}

export interface Progress {
  /** Virtual ms since the routines started: negative before. */
  elapsed: number
  virtualMs: number
  /** Peers that have connected to the Lighthouse. */
  joined: number
}

/** Characters of an error, or of what a page prints. */
export const LONGEST_TEXT = 10_000
const STREAMS = { lighthouse: 1, page: 100 }
/** The runner opens tabs one after the other: how long Chromium takes for a new tab and its page. */
const PAGE_INTERVAL_MS = 500
/** Real ms between two reports of progress. */
const BEAT_MS = 200
/** Virtual ms in which the peers must be ready (and per peer), and in which a test must end. */
const PATIENCE = { toConnect: 120_000, perPeer: 10_000, toEnd: 120_000 }

/** Runs the plan to its end. A process can run only one simulation at a time. */
export async function simulate(plan: Plan, programs: Programs, watch: Watch = {}): Promise<Outcome> {
  const world = new World(plan, programs, watch)
  const noteRejection = (reason: unknown) => world.time.errors.push(reason)
  process.on('unhandledRejection', noteRejection)
  return world.run().finally(() => process.off('unhandledRejection', noteRejection))
}

class World {
  readonly time = new VirtualTime()
  private readonly log = new PacketLog(this.time)
  private readonly registry = new ConnectionRegistry<SimPeerConnection>()
  private readonly network: SimNetwork
  private readonly results: ResultsServer
  private readonly lighthouse: SimLighthouse
  private readonly trace: Trace | undefined
  private readonly plannedPages: readonly PagePlan[]
  private readonly pages: OpenedPage[] = []
  /** ms between a page and the Lighthouse, one way: as in real runs, its peers' own half of the line. */
  private readonly signallingDelay: (page: PagePlan) => number
  /** When the routines start, in virtual ms. */
  private begin = Infinity
  private pagesLeft = 0
  private readonly failures: string[] = []
  private refusal: string | undefined
  private lastBeat = 0

  constructor(
    private readonly plan: Plan,
    private readonly programs: Programs,
    private readonly watch: Watch
  ) {
    const { time } = this
    const { seed, peers, costOfPacket, costOfTimer, faults } = plan
    if (plan.tracesMessages) this.trace = new Trace()
    const text = parseNetwork(plan.network)
    const numberOf = peerNumbers(peers, (number, incarnation) =>
      peerIdOf(seed, number, incarnation, plan.peerIdLength)
    )
    this.network = new SimNetwork(time, {
      seed,
      network: text,
      numberOf: (owner) => numberOf(owner) ?? this.failUnknown(owner),
      costOfPacket,
      hasFaults: faults.length > 0
    })
    const isDelayed = plan.signalling === 'delayed'
    this.plannedPages = pagesOf(plan, (peer) => (isDelayed ? partOf(text, seed, peer) : 0))
    this.signallingDelay = ({ first }) =>
      isDelayed ? shareOf(text.parts[partOf(text, seed, first)]!.steps[0].link).delay : 0
    this.lighthouse = new SimLighthouse(programs.lighthouse, time, new SeededRandom(seed, STREAMS.lighthouse))
    const inPage = Math.min(plan.peersPerPage, peers)
    const conditions = [
      plan.network,
      unusualOf(plan),
      inPage === Math.min(usualPeersPerTab(plan.network), peers) ? '' : `${inPage} peers in a page`,
      costOfPacket + costOfTimer > 0 ? `${costOfPacket} ms a packet, ${costOfTimer} ms a timer` : '',
      ...faults.map(formatFault)
    ]
    const shown = {
      labels: { engine: 'simulation', network: plan.network, ...plan.labels },
      network: conditions.filter((each) => each !== '').join(', '),
      outages: plannedOutages(text, faults),
      suiteCommit: programs.suiteCommit
    }
    this.results = new ResultsServer({ ...plan, ...shown }, time, (begin) => {
      this.begin = begin
      const { network, registry, lighthouse, slotOf } = this
      planFaults({ time, network, registry, lighthouse, numberOf, slotOf }, faults, text, begin)
    })
  }

  async run(): Promise<Outcome> {
    const cpu = process.cpuUsage()
    const { time, log, results, failures } = this
    for (const [index, page] of this.plannedPages.entries()) {
      this.pagesLeft++
      time.at(index * PAGE_INTERVAL_MS, () => this.open(page))
    }
    await time.run(
      () => this.isOver(),
      () => this.beat()
    )
    if (time.standstill) failures.push(this.standstillLine(time.standstill))
    else if (this.pagesLeft > 0 && failures.length === 0) failures.push(this.stuckLine())
    const { user, system } = process.cpuUsage(cpu)
    results.finish()
    const { document } = results
    const errors = time.errors.map((error) => textOf(error, 'stack'))
    addUncaught(document, this.plannedPages, errors)
    document.summary = summarize(document)
    return {
      document,
      packetLog: log.digest(),
      packets: log.packets,
      cpuMs: (user + system) / 1000,
      errors,
      failures,
      virtualMs: time.now,
      ...(this.refusal !== undefined && { refusal: this.refusal }),
      ...(this.trace && { judged: judge(this.plan, document, this.trace) })
    }
  }

  private readonly slotOf = (number: number) =>
    this.pages.flatMap(({ run }) => run.slots).find((slot) => slot.number === number)

  /** A run that has failed is not worth its end. */
  private isOver(): boolean {
    return this.pagesLeft === 0 || this.failures.length > 0 || this.isStuck()
  }

  private isStuck(): boolean {
    const { time, begin, plan } = this
    const { toConnect, perPeer, toEnd } = PATIENCE
    const limit = begin === Infinity ? toConnect + plan.peers * perPeer : begin + plan.duration * 1000 + toEnd
    return time.now > limit
  }

  private stuckLine(): string {
    const { ready } = this.results.document.peers
    const at = `after ${(this.time.now / 1000).toFixed(0)} virtual s`
    return this.begin === Infinity
      ? `Only ${ready} of ${this.plan.peers} peers were ready ${at}: the build never finished to connect`
      : `${this.pagesLeft} pages did not end ${at}: the build holds up its page`
  }

  private standstillLine({ stack = '' }: Error): string {
    return `Virtual time stands still at ${(this.time.now / 1000).toFixed(3)} s: a million events, planned ${this.placeIn(stack)}`
  }

  private placeIn(stack: string): string {
    const files = this.plan.builds.map(({ text }) => `${text}.js`)
    const place = placeIn(stack, files)
    return place === undefined ? 'outside the build' : `by ${place}`
  }

  /** The owner's line, and what cuts it off, depend on its number. */
  private failUnknown(owner: string): number {
    if (this.failures.length === 0)
      this.refuse(
        `No peer of the test is known to own ${owner}: send "sdp" to the Lighthouse as plain JSON, not nested as text or encoded`
      )
    return 0
  }

  /** What comes after a fault of the build may be its consequence. */
  private refuse(line: string): void {
    const failure = line.slice(0, LONGEST_TEXT)
    if (this.failures.length === 0) this.refusal = failure
    // Each peer does it again.
    if (!this.failures.includes(failure)) this.failures.push(failure)
  }

  private beat(): void {
    const now = performance.now()
    if (now - this.lastBeat < BEAT_MS) return
    this.lastBeat = now
    const { now: virtualMs } = this.time
    this.watch.progress?.({ elapsed: virtualMs - this.begin, virtualMs, joined: this.lighthouse.ids.size })
  }

  private open(page: PagePlan): void {
    // Only an error tells where it was thrown.
    const thrown = (error: unknown, stack = textOf(error, 'stack')) =>
      stack === textOf(error) ? '' : `, thrown ${this.placeIn(stack)}`
    try {
      this.load(page)
        .finished.catch((error: unknown) => {
          const isPlain = ['Error', 'UserError'].includes(textOf(error, 'name'))
          this.failures.push(textOf(error, 'message') + (isPlain ? '' : thrown(error)))
        })
        .finally(() => this.pagesLeft--)
    } catch (error) {
      this.refuse(`${page.build.text} does not load: ${textOf(error)}${thrown(error)}`)
    }
  }

  private load(page: PagePlan): OpenedPage {
    const { time, plan, lighthouse, registry, network, log, results } = this
    const thread = new Thread(time)
    const delay = MACHINE_DELAY + this.signallingDelay(page)
    const way = () => time.now + delay
    const far = lighthouse.thread
    const servers = new Map([
      [SERVERS.lighthouse, { thread: far, serve: lighthouse.serve, isUp: lighthouse.isUp, way }],
      // No network delay, so that the pages' clocks are exact: otherwise the suite would report clock errors.
      [SERVERS.results, { thread: far, serve: results.serve, isUp: () => true, way: () => time.now }]
    ])
    const search = searchOf(plan, page)
    const { text, code } = page.build
    const realm = new Realm(this.programs.browser, {
      thread,
      random: new SeededRandom(plan.seed, STREAMS.page + page.first),
      costOfTimer: plan.costOfTimer,
      url: `${SERVERS.page}/${search}`,
      registry,
      network,
      onPacket: log.add,
      sockets: new Map([[SERVERS.lighthouse.replace('http', 'ws'), lighthouse]]),
      servers,
      way,
      refuse: (name, stack) =>
        this.refuse(`${text} uses ${name}, which is not simulated: called ${this.placeIn(stack)}`),
      report: (error) => time.errors.push(error),
      print: (line) => this.watch.print?.(line),
      node: { URL, URLSearchParams, TextEncoder, TextDecoder, atob, btoa, inspect }
    })
    const bundle = realm.run(code, `${text}.js`) as { openPage: typeof openPage }
    const opened = bundle.openPage(search, this.trace)
    this.pages.push(opened)
    return opened
  }
}

/** Errors of pages are of other realms, and may be anything: endless, or what throws when it is read. */
function textOf(error: unknown, member = ''): string {
  const text = attempt(() => String((Object(error) as Record<string, unknown>)[member] ?? error))
  return text?.slice(0, LONGEST_TEXT) ?? 'it cannot be read'
}
