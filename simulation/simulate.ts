/**
 * Runs one test in virtual time: the suite's page with the unmodified library, the suite's Lighthouse, and a
 * network in memory.
 */
import { summarize } from '../analysis/summary/summarize'
import { parseNetwork } from '../network/parse'
import type { ResultsDocument } from '../protocol/results-document'
import { SeededRandom } from './engine/random'
import { Thread } from './engine/thread'
import { VirtualTime } from './engine/virtual-time'
import { ConnectionRegistry } from './network/connection-registry'
import { fetchOf } from './network/http'
import { webRtcOf, type SimPeerConnection } from './network/peer-connection'
import { PeerNumbers } from './network/peer-numbers'
import { MACHINE_DELAY } from './network/machine'
import { SimNetwork } from './network/sim-network'
import { Slab } from './network/slab'
import { webSocketOf } from './network/socket'
import type { Plan } from './plan'
import { planFaults } from './world/faults'
import { pageGlobals, timeAndChance } from './world/globals'
import { sortAsChromium } from './world/browser-sort'
import { SimLighthouse } from './world/lighthouse'
import { PacketLog } from './world/packet-log'
import type { OpenedPage } from './world/page-entry'
import { pagesOf, searchOf, SERVERS, type PagePlan } from './world/pages'
import { ResultsServer } from './world/results'
import { runBundle } from './world/sandbox'

export interface Outcome {
  /** Includes its summary. */
  document: ResultsDocument
  /** Digest of all packets that arrived on data channels: when, where, and their contents. */
  packetLog: string
  packets: number
  events: number
  /** Errors thrown in a page or a Lighthouse, including unhandled rejections. */
  errors: string[]
  /** One line for each page that could not run its part of the test. */
  failures: string[]
  /** Virtual ms from the first connection to the last result. */
  virtualMs: number
}

export interface Watch {
  /** Called regularly with the virtual ms since the routines started (negative before). */
  progress?: (elapsed: number, outcome: Pick<Outcome, 'packets' | 'virtualMs'>) => void
  signal?: AbortSignal
}

/** ms that a browser takes to set up a connection, excluding round trips. */
const SET_UP_MS = 20
const STREAMS = { lighthouse: 1, page: 100 }

/**
 * Runs the plan to its end. `lighthouse` is the code from bundleLighthouse. A thread can run only one
 * simulation at a time.
 */
export async function simulate(plan: Plan, lighthouse: string, watch: Watch = {}): Promise<Outcome> {
  const world = new World(plan, lighthouse)
  const restoreSort = sortAsChromium()
  const noteRejection = (reason: unknown) => world.time.errors.push(reason)
  process.on('unhandledRejection', noteRejection)
  try {
    return await world.run(watch)
  } finally {
    restoreSort()
    process.off('unhandledRejection', noteRejection)
  }
}

class World {
  readonly time = new VirtualTime()
  private readonly log = new PacketLog(this.time)
  private readonly registry = new ConnectionRegistry<SimPeerConnection>()
  private readonly slab = new Slab()
  private readonly network: SimNetwork
  private readonly results: ResultsServer
  private readonly lighthouse: SimLighthouse
  /** When the routines start, in virtual ms. */
  private begin = Infinity

  constructor(
    private readonly plan: Plan,
    lighthouse: string
  ) {
    const { time } = this
    const { seed, peers, costOfPacket, faults } = plan
    const text = parseNetwork(plan.network)
    const numbers = new PeerNumbers(seed, peers, plan.peerIdLength)
    const numberOf = (id: string) => numbers.of(id)
    const elapsed = () => (this.begin === Infinity ? -1 : time.now - this.begin)
    this.network = new SimNetwork(time, {
      seed,
      network: text,
      numberOf,
      elapsed,
      costOfPacket,
      hasFaults: faults.length > 0
    })
    this.lighthouse = new SimLighthouse(lighthouse, time, new SeededRandom(seed, STREAMS.lighthouse))
    const labels = { engine: 'simulation', network: plan.network, ...plan.labels }
    this.results = new ResultsServer({ ...plan, labels }, time, (begin) => {
      this.begin = begin
      const { network, registry } = this
      planFaults({ time, network, registry, lighthouse: this.lighthouse, numberOf }, faults, text, begin)
    })
  }

  async run({ progress, signal }: Watch): Promise<Outcome> {
    const { time, log, results } = this
    const failures: string[] = []
    let pagesLeft = 0
    for (const [index, page] of pagesOf(this.plan).entries()) {
      pagesLeft++
      time.at(index * this.plan.pageInterval, () => {
        this.open(page)
          .finished.catch((error: unknown) => failures.push((error as Error).message))
          .finally(() => pagesLeft--)
      })
    }
    const told = new Throttle(() => {
      progress?.(time.now - this.begin, { packets: log.packets, virtualMs: time.now })
    })
    await time.run(() => {
      told.maybe()
      return pagesLeft === 0
    }, signal)
    signal?.throwIfAborted()
    if (pagesLeft > 0) failures.push('Nothing is planned any more, but the pages are not done')
    results.finish()
    const { document } = results
    document.summary = summarize(document)
    return {
      document,
      packetLog: log.digest(),
      packets: log.packets,
      events: time.happened,
      errors: time.errors.map(textOf),
      failures,
      virtualMs: time.now
    }
  }

  private open(page: PagePlan): OpenedPage {
    const { time, plan, lighthouse, registry, network, slab, log, results } = this
    const thread = new Thread(time)
    const random = new SeededRandom(plan.seed, STREAMS.page + page.first)
    const way = () => time.now + MACHINE_DELAY
    const servers = new Map([
      [
        SERVERS.lighthouse,
        { thread: lighthouse.thread, serve: lighthouse.serve, isUp: lighthouse.isUp, way }
      ],
      // No network delay, so that the pages' clocks are exact: otherwise the suite would report clock errors.
      [
        SERVERS.results,
        { thread: lighthouse.thread, serve: results.serve, isUp: () => true, way: () => time.now }
      ]
    ])
    const socketOptions = { way, handshake: 2 * MACHINE_DELAY, onSend: registry.noteFrame }
    const globals = pageGlobals({
      ...timeAndChance(thread, random, plan.costOfTimer),
      ...webRtcOf({ thread, slab, registry, network, setUp: SET_UP_MS, onPacket: log.add }),
      WebSocket: webSocketOf(thread, lighthouse, socketOptions),
      fetch: fetchOf(thread, servers)
    })
    const bundle = runBundle(page.build.code, `${page.build.text}.js`, globals) as {
      openPage: (search: string) => OpenedPage
    }
    return bundle.openPage(searchOf(plan, page))
  }
}

/** Acts once every 65,536 calls: reading the clock at every event would cost more than the event. */
class Throttle {
  private calls = 0

  constructor(private readonly act: () => void) {}

  maybe(): void {
    if ((++this.calls & 0xffff) === 0) this.act()
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
