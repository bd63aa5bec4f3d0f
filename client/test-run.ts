/** A page's part in a test, from connecting its peers to submitting their measurements. */
import { ServerClock } from '../protocol/clock/server-clock'
import { connectingTrouble } from '../cli/network/connecting'
import type { PagePhase } from '../protocol/page'
import { deadReceiver, OVERLOADED_MS } from './dead-receiver'
import { reachLighthouse } from './lighthouse'
import type { PageCounts } from './measurement/page-counts'
import { Recorder } from './measurement/recorder'
import { afterTick, periodic, startTicks, TICK_MS } from './measurement/ticks'
import { CONNECTION_LIMIT } from './measurement/traffic'
import { awaitDials, awaitMesh, noConnectionIn, pause } from './mesh-formation'
import type { MeshPeer, MessageTrace } from './mesh-peer'
import { OWN_ID, pageClock } from './page-clock'
import type { Parameters } from './parameters'
import type { PeerLibrary, WebRtc } from './peer-libraries/peer-library'
import { Random, STREAMS } from './randomness'
import { routineNameOf, ROUTINES } from './routines'
import { PeerSlot, type SlotSettings } from './peer-slot'
import { localSession, serverSession, type Start, type TestSession } from './test-session'

const KEEP_ALIVE_MS = 10_000
/** The links are read this long before each cut. */
const LINKS_BEFORE_CUT_MS = 250
/** getStats of every link in every interval costs 7% of the page's CPU time (bench overhead). */
const CUTS_PER_LINK_READING = 2
/** Usually no link is quiet, so that this costs nothing. */
const QUIET_LINKS_MS = 500
/** Wait after the last message was sent, for messages in flight. */
const DRAIN_MS = 2000
/** The page names the cause if it has no connection after this long, well before it gives up. */
const SLOW_MS = 10_000
/** The libraries' default of `targetConnections`. */
const USUAL_CONNECTIONS = 4

/** What the page supplies; tests and the simulation supply their own. */
export interface PageParts {
  /** Throws what the build throws while it loads. */
  library: () => PeerLibrary
  counts: PageCounts
  /** Defaults to the browser's own. */
  webRtc?: WebRtc
  /** Follows single messages; the simulation's, for `explore`. */
  trace?: MessageTrace | undefined
  /** What keeps peers apart if it is no browser, and not known of their network; the simulation's. */
  suspect?: string
}

type Started = Start & { startsAt: number }

export class TestRun {
  phase: PagePhase = 'connecting'
  slots: PeerSlot[] = []
  /** Mesh peers that left before the end. */
  readonly departed: MeshPeer[] = []
  ready = 0
  done = 0
  /** ms since the routines began. */
  elapsed = 0
  /** How long the routines run, in s; undefined before the start. */
  duration: number | undefined
  /** A one-line remark that is not a failure. */
  note: string | undefined
  recorder: Recorder | undefined

  private session!: TestSession
  private library!: PeerLibrary
  /** This page's own clock until the server's is known. */
  private clock = new ServerClock(OWN_ID)
  private clockKnown: Promise<void> = Promise.resolve()
  private readonly submissions: Promise<unknown>[] = []
  /** A dead receiver on an overloaded page, which may be the machine's fault. */
  private deafness: string | undefined
  private slowness: string | undefined
  /** Why the last peer could not come back, or not leave. */
  private absence: string | undefined
  private isStopped = false
  /** When all peers were ready, by the server's clock. */
  private readyAt = Infinity

  /** `onChange` is called whenever the phase changes, and once a second while the routines run. */
  constructor(
    private readonly parameters: Parameters,
    private readonly parts: PageParts,
    private readonly onChange: () => void
  ) {}

  /** Runs the test to its end. Rejects with one line if the test cannot run. */
  async run(): Promise<void> {
    // The libraries dial the Lighthouse only once, so wait until it answers, and look up the test meanwhile.
    const reached = Promise.all([this.openSession(), reachLighthouse(this.parameters.lighthouseUrl)])
    this.library = this.parts.library()
    await reached
    const starting = this.session.awaitStart()
    const start = (await this.areConnected(starting)) ? await this.awaitStart(starting) : undefined
    if (!start) throw new Error('The test was finished before these peers could start: create another one')
    const recorder = (this.recorder = await this.begin(start))
    try {
      await this.runRoutines(recorder, start)
    } finally {
      await this.drain(recorder)
      await this.submitAllResults(recorder)
    }
    this.clock.stop()
    this.enter('done')
  }

  /** Ends the routines early and submits what was measured so far. */
  stop(): void {
    this.isStopped = true
  }

  /** Peers that are in the mesh or on the way into it. */
  get meshPeers(): MeshPeer[] {
    return this.slots.flatMap(({ current }) => current ?? [])
  }

  /** What went wrong without ending the test, in one line. */
  get trouble(): string | undefined {
    const session = this.session as TestSession | undefined
    return session?.trouble ?? this.slowness ?? this.absence ?? this.deafness
  }

  private enter(phase: PagePhase): void {
    this.phase = phase
    this.onChange()
  }

  private async openSession(): Promise<void> {
    const { testId, seed } = this.parameters
    if (testId === undefined) {
      this.session = localSession(seed)
      this.note = 'No testId: this run submits nothing'
      return
    }
    const session = (this.session = await serverSession(testId, this.parameters))
    // Peers connect in the meantime, but none is present before the clock is known.
    this.clockKnown = pageClock(session.client).then((clock) => {
      this.clock = clock
    })
    this.clockKnown.catch(() => undefined)
  }

  /** False if the test is finished before its peers are connected: then nobody needs their mesh. */
  private async areConnected(starting: Promise<Start | undefined>): Promise<boolean> {
    const finished = starting.then((start) => (start ? new Promise<never>(() => undefined) : false))
    const slow = setTimeout(() => {
      const isLonely = this.meshPeers.every((peer) => peer.libraryPeer.connectedPeers().length === 0)
      const knowsOthers = this.meshPeers.some((peer) => peer.libraryPeer.knownPeers() > 0)
      if (isLonely && knowsOthers) this.slowness = noConnectionIn(SLOW_MS, connectingTrouble(this.parameters))
    }, SLOW_MS)
    try {
      return await Promise.race([this.connectPeers().then(() => true), finished])
    } finally {
      clearTimeout(slow)
      this.slowness = undefined
    }
  }

  /**
   * Peers enter one at a time: each finds the same peers in every run, and no two dial at once. Only a socket
   * opens before its turn, which nobody in the mesh notices.
   */
  private async connectPeers(): Promise<void> {
    this.slots = this.createSlots()
    this.onChange()
    const settling: Promise<void>[] = []
    let next = this.slots[0]?.connect()
    for (let before = 0; next; before++) {
      const peer = next
      await peer.enter()
      next = this.slots[before + 1]?.connect()
      const settled = this.settle(peer)
      // Rejections are reported below, once all peers have entered.
      settled.catch(() => undefined)
      settling.push(settled)
      await awaitDials(peer, Math.min(this.wantedConnections, before))
    }
    await Promise.all(settling)
  }

  private async settle(peer: MeshPeer): Promise<void> {
    await peer.awaitGroup()
    const isFull = this.parameters.mesh === 'full'
    const trouble = connectingTrouble(this.parameters) ?? this.parts.suspect
    await awaitMesh(peer, this.wantedConnections, isFull, () => this.meshPeers, trouble)
    this.ready++
    await this.session.ready(peer.id)
  }

  private get wantedConnections(): number {
    const { targetConnections } = libraryConfig(this.parameters)
    return typeof targetConnections === 'number' ? targetConnections : USUAL_CONNECTIONS
  }

  private createSlots(): PeerSlot[] {
    const { numberOfPeers, firstPeerNumber, peerNumbers, routine, peerIds, testId } = this.parameters
    const settings: SlotSettings = {
      ...this.parameters,
      library: this.library,
      webRtc: this.parts.webRtc,
      trace: this.parts.trace,
      config: libraryConfig(this.parameters),
      clock: { now: () => this.clock.now(), known: this.clockKnown },
      seed: this.session.seed,
      idsOfTest: peerIds === 'test' ? testId : undefined
    }
    const inARow = Array.from({ length: numberOfPeers }, (_, index) => firstPeerNumber + index)
    return (peerNumbers ?? inARow).map((number) => {
      const name = routineNameOf(routine, number)
      return new PeerSlot(number, name, ROUTINES[name], settings, {
        joined: (peer) => this.recorder?.include(peer),
        leaves: (slot, peer) => this.partWith(slot, peer),
        failed: (error) => {
          this.parts.counts.note(error)
          this.absence = error
        }
      })
    })
  }

  /** Until the test starts, the peers keep the mesh alive with messages that are not recorded. */
  private async awaitStart(starting: Promise<Start | undefined>): Promise<Started | undefined> {
    this.readyAt = this.clock.now()
    this.enter('ready')
    const keepAlive = () => {
      for (const slot of this.slots) slot.keepAlive()
    }
    keepAlive()
    const timer = setInterval(keepAlive, KEEP_ALIVE_MS)
    try {
      const start = await starting
      return start && { startsAt: this.clock.now(), ...start }
    } finally {
      clearInterval(timer)
    }
  }

  /** Waits for the start. A page that arrives late joins the running test. */
  private async begin({ startsAt, duration, warmup }: Started): Promise<Recorder> {
    const now = Math.max(startsAt, this.clock.now())
    const until =
      duration === undefined ? now + this.parameters.testDuration * 1000 : startsAt + duration * 1000
    // A page that was ready in time but slept over the start owes its part, and its first tick is late.
    const isNewcomer = this.readyAt > startsAt
    if (isNewcomer && until <= now) throw new Error('The time of this test is over: create another one')
    const routinesFrom = isNewcomer ? now : startsAt
    const measured = { from: Math.min(startsAt + warmup * 1000, until), until }
    const { messageTypes, runnerId } = this.parameters
    // Record the message types, so that runs that send differently can be told apart.
    const config = { ...libraryConfig(this.parameters), ...(messageTypes !== 'faithful' && { messageTypes }) }
    const library = { ...this.library.build, config }
    const plan = { routinesFrom, startedAt: Math.min(now, until), measured, runnerId, library }
    const recorder = new Recorder(plan, this.clock, this.parts.counts)
    for (const peer of this.meshPeers) {
      // What came before is not recorded, so it is not owed either.
      if (isNewcomer) peer.presence!.joined = Math.floor(routinesFrom)
      recorder.include(peer)
    }
    await pause(routinesFrom - this.clock.now())
    // The first data point covers no time in which the peers waited and kept the mesh alive.
    for (const { libraryPeer } of this.meshPeers) libraryPeer.endStatsPeriod()
    return recorder
  }

  /** Resolves when the routines have run their time or the server has finished the test. */
  private runRoutines(recorder: Recorder, { startsAt }: Started): Promise<void> {
    const { routinesFrom, measured } = recorder.plan
    const duration = measured.until - routinesFrom
    this.duration = Math.round(duration / 1000)
    // From here on, this page's own clock counts: a better estimate of the offset must not set the routines
    // back.
    const localBegin = performance.now() + (routinesFrom - this.clock.now())
    const { statsSubmitInterval, firstPeerNumber } = this.parameters
    const late = routinesFrom - startsAt
    const isCutDue = periodic(statsSubmitInterval, late)
    const areLinksDue = periodic(statsSubmitInterval * CUTS_PER_LINK_READING, late + LINKS_BEFORE_CUT_MS)
    const areQuietLinksDue = periodic(QUIET_LINKS_MS, QUIET_LINKS_MS / 2)
    // Updates are half a second away from the cuts, so that the two do not share the gap between two ticks.
    const isUpdateDue = periodic(1000, 500)
    // Pages that tick at the same instants would compete for the processor.
    const phase = new Random(this.session.seed, STREAMS.ticks, firstPeerNumber).uniform(0, TICK_MS)
    this.enter('running')

    return new Promise((resolve, reject) => {
      const stop = startTicks(localBegin + phase, (instant, lateness) => {
        const elapsed = Math.min(instant - localBegin, duration)
        const delta = elapsed - this.elapsed
        this.elapsed = elapsed
        recorder.tick(routinesFrom + elapsed, lateness, () => this.meshPeers)
        for (const slot of this.slots) slot.tick(elapsed, delta, localBegin + elapsed)

        const isOver =
          elapsed >= duration || this.isStopped || this.session.isStopped || this.session.isFinished
        if (isUpdateDue(elapsed)) afterTick(this.onChange)
        if (areQuietLinksDue(elapsed)) afterTick(() => void readLinks(this.meshPeers, 'readQuiet'))
        if (areLinksDue(elapsed)) afterTick(() => void readLinks(this.meshPeers, 'read'))
        if (!isCutDue(elapsed) && !isOver) return
        const dead = deadReceiver(this.slots, elapsed, this.parts.counts.firstError)
        const isDead = dead !== undefined && (recorder.tickLatenessP95 ?? 0) <= OVERLOADED_MS
        const failure = this.slots.find(({ mistake }) => mistake)?.mistake ?? (isDead ? dead : this.refusal())
        if (isOver || failure !== undefined) stop()
        if (failure !== undefined) reject(new Error(failure))
        else if (isOver) {
          this.deafness = dead && `${dead}. Or the page was too busy to hear them`
          resolve()
        } else afterTick(() => void this.session.submit(recorder.cut(this.slots)))
      })
    })
  }

  /** One line if Chromium has refused a connection: the mesh then decays, whatever the build does. */
  private refusal(): string | undefined {
    if (![...this.meshPeers, ...this.departed].some(({ traffic }) => traffic.isRefused)) return undefined
    return `Chromium refused a WebRTC connection, because the tab holds too many (${CONNECTION_LIMIT}, closed ones included until it collects garbage): use fewer peers per tab, or a shorter test`
  }

  private async drain(recorder: Recorder): Promise<void> {
    this.enter('draining')
    recorder.endMeasured(this.meshPeers)
    if (this.session.isFinished) return
    // What peers count while they drain is a point of its own, which is not measured.
    this.submissions.push(this.session.submit(recorder.cut(this.slots)))
    await pause(DRAIN_MS)
    for (const slot of this.slots) slot.reportOverdue()
    await this.session.submit(recorder.cut(this.slots))
  }

  private async submitAllResults(recorder: Recorder): Promise<void> {
    const allResults = this.slots.map(async (slot) => {
      const { current } = slot
      if (!current?.presence) return
      if (!(await this.session.submitResults(current.id, recorder.finalResults(slot, current))))
        throw new Error('The test was finished on the server before its time')
      this.done++
    })
    await Promise.all([...allResults, ...this.submissions])
    // Data points that were kept while the server was away; the results got through.
    await this.session.submit([])
    // With no peer left whose results could say so, the page must.
    if (this.absence !== undefined && this.parts.counts.hasUnsharedErrors) throw new Error(this.absence)
  }

  private partWith(slot: PeerSlot, peer: MeshPeer): void {
    this.departed.push(peer)
    const { recorder } = this
    if (!recorder || !peer.presence) return
    peer.presence.left = this.clock.now()
    const submitted = this.session.submit([recorder.cutLast(slot, peer)])
    const results = this.session.submitResults(peer.id, recorder.finalResults(slot, peer))
    // A rejection is reported at the end of the test, when all submissions are awaited.
    results.catch(() => undefined)
    this.submissions.push(submitted, results)
  }
}

/** Asks WebRTC for the figures of the links, peer by peer, so that no tick waits for all of them. */
async function readLinks(peers: readonly MeshPeer[], read: 'read' | 'readQuiet'): Promise<void> {
  for (const { traffic } of peers) await traffic.links[read]()
}

/** Library options that override the suite's. */
function libraryConfig({ mesh, meshPeers, peerConfig }: Parameters): Record<string, unknown> {
  const all = meshPeers - 1
  const fullMesh = { targetConnections: all, maxConnections: all, minConnections: all }
  return { ...(mesh === 'full' && fullMesh), ...peerConfig }
}
