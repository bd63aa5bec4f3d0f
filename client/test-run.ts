/** A page's part in a test, from connecting its peers to handing in what they measured. */
import type { ServerClock } from '../clock/server-clock'
import type { PagePhase } from '../protocol/page'
import { deadReceiver } from './dead-receiver'
import { reachLighthouse } from './lighthouse'
import { Recorder } from './measurement/recorder'
import { afterTick, periodic, startTicks, TICK_MS } from './measurement/ticks'
import { awaitMesh } from './mesh-formation'
import type { MeshPeer } from './mesh-peer'
import { ownClock, pageClock } from './page-clock'
import type { Parameters } from './parameters'
import { PEER_LIBRARIES } from './peer-libraries'
import { Random, STREAMS } from './randomness'
import { routineNameOf, routineOf } from './mixture'
import { PeerSimulation, type SimulationSettings } from './simulated-peer'
import { localSession, serverSession, type Start, type TestSession } from './test-session'

/** Peers enter one after the other: whom each finds is then the same in all runs, and they do not dial across each other. */
const STAGGER_MS = 75
const KEEP_ALIVE_MS = 10_000
/** After the last message was sent, for those on their way. */
const DRAIN_MS = 2000
/** The libraries' default of `targetConnections`. */
const USUAL_CONNECTIONS = 4

export class TestRun {
  phase: PagePhase = 'connecting'
  simulations: PeerSimulation[] = []
  /** Mesh peers that left before the end. */
  readonly departed: MeshPeer[] = []
  ready = 0
  done = 0
  /** ms since the routines began. */
  elapsed = 0
  /** s that the routines run; undefined before the start. */
  duration: number | undefined
  /** A remark that is no failure, in one line. */
  note: string | undefined
  recorder: Recorder | undefined

  private session!: TestSession
  private clock!: ServerClock
  private readonly handingIn: Promise<void>[] = []
  private isStopped = false
  /** By the server's clock. */
  private readyAt = Infinity

  /** `onChange` is called at each change of the phase, and once a second while the routines run. */
  constructor(
    private readonly parameters: Parameters,
    private readonly onChange: () => void
  ) {}

  /** Runs to the end. Rejects with one line where the test cannot be run. */
  async run(): Promise<void> {
    await this.openSession()
    await this.connectPeers()
    const start = await this.awaitStart()
    if (start) {
      const recorder = (this.recorder = await this.begin(start))
      try {
        await this.runRoutines(recorder, start)
      } finally {
        await this.drain(recorder)
        await this.handInResults(recorder)
      }
    } else {
      this.note = 'The test was finished before it was started'
    }
    this.clock.stop()
    this.enter('done')
  }

  /** Ends the routines before their time; what was measured until now is handed in. */
  stop(): void {
    this.isStopped = true
  }

  /** Peers that are in the mesh or on the way into it. */
  get meshPeers(): MeshPeer[] {
    return this.simulations.flatMap(({ current }) => current ?? [])
  }

  /** What went wrong with the results server, in one line. */
  get trouble(): string | undefined {
    return (this.session as TestSession | undefined)?.trouble
  }

  private enter(phase: PagePhase): void {
    this.phase = phase
    this.onChange()
  }

  private async openSession(): Promise<void> {
    const { testId, statsServerUrl: url, token, seed } = this.parameters
    if (testId === undefined) {
      this.clock = ownClock()
      this.session = localSession(seed, () => this.clock.now())
      this.note = 'No testId: this run submits nothing'
      return
    }
    const session = (this.session = await serverSession({ testId, url, token, seed }))
    this.clock = await pageClock(session.readTime)
  }

  private async connectPeers(): Promise<void> {
    this.simulations = this.createSimulations()
    this.onChange()
    await reachLighthouse(this.parameters.lighthouseUrl)
    const settling: Promise<void>[] = []
    for (const simulation of this.simulations) {
      const peer = simulation.connect()
      await peer.enter()
      settling.push(this.settle(peer))
      await pause(STAGGER_MS)
    }
    await Promise.all(settling)
    await Promise.all(this.meshPeers.map(({ id }) => this.session.ready(id)))
    this.readyAt = this.clock.now()
    this.enter('ready')
  }

  private async settle(peer: MeshPeer): Promise<void> {
    const { targetConnections } = libraryConfig(this.parameters)
    const wanted = typeof targetConnections === 'number' ? targetConnections : USUAL_CONNECTIONS
    await peer.awaitGroup()
    await awaitMesh(peer, wanted, this.parameters.mesh === 'full', () => this.meshPeers)
    this.ready++
  }

  private createSimulations(): PeerSimulation[] {
    const { numberOfPeers, firstPeerNumber, routine } = this.parameters
    const settings: SimulationSettings = {
      ...this.parameters,
      library: PEER_LIBRARIES[this.parameters.library],
      config: libraryConfig(this.parameters),
      clock: this.clock,
      seed: this.session.seed
    }
    return Array.from({ length: numberOfPeers }, (_, index) => {
      const number = firstPeerNumber + index
      const name = routineNameOf(routine, number)
      return new PeerSimulation(number, name, routineOf(name), settings, {
        joined: (peer) => this.recorder?.include(peer),
        leaves: (simulation, peer) => {
          this.partWith(simulation, peer)
        }
      })
    })
  }

  /** While the test is only created, the peers keep the mesh alive by messages that nobody records. */
  private async awaitStart(): Promise<Start | undefined> {
    const keepAlive = () => {
      for (const simulation of this.simulations) simulation.keepAlive()
    }
    keepAlive()
    const timer = setInterval(keepAlive, KEEP_ALIVE_MS)
    try {
      return await this.session.awaitStart()
    } finally {
      clearInterval(timer)
    }
  }

  /** Waits for the start. A page that comes late joins in. */
  private async begin({ startsAt, duration, warmup }: Start): Promise<Recorder> {
    const now = Math.max(startsAt, this.clock.now())
    const until =
      duration === undefined ? now + this.parameters.testDuration * 1000 : startsAt + duration * 1000
    // A page that has waited for the start and slept through the test is on an overloaded machine: it hands in that it did nothing, which
    // voids the test.
    if (until <= now && this.readyAt > startsAt)
      throw new Error('The time of this test is over: create another one')
    const startedAt = Math.min(now, until)
    const measured = { from: Math.min(startsAt + warmup * 1000, until), until }
    const { library, runnerId } = this.parameters
    const { messageTypes } = this.parameters
    // Runs that send differently must be told apart by what they say about themselves.
    const config = {
      ...libraryConfig(this.parameters),
      ...(messageTypes !== 'faithful' && { messageTypes })
    }
    const plan = {
      startsAt,
      startedAt,
      measured,
      runnerId,
      library: { ...PEER_LIBRARIES[library].build, config }
    }
    const recorder = new Recorder(plan, this.clock)
    for (const peer of this.meshPeers) recorder.include(peer)
    await pause(startedAt - this.clock.now())
    return recorder
  }

  /** Resolves when the routines have run their time, or the server has finished the test. */
  private runRoutines(recorder: Recorder, { startsAt }: Start): Promise<void> {
    const { startedAt, measured } = recorder.plan
    this.duration = Math.round((measured.until - startedAt) / 1000)
    // From here on this page's own clock counts: a better estimate of the offset must not set the routines back.
    const localBegin = performance.now() + (startedAt - this.clock.now())
    const duration = measured.until - startedAt
    const isCutDue = periodic(this.parameters.statsSubmitInterval, startedAt - startsAt)
    // Half a second beside the cuts, so that there is time for both between two ticks.
    const isUpdateDue = periodic(1000, 500)
    this.enter('running')

    return new Promise((resolve, reject) => {
      const stop = startTicks(localBegin + this.tickPhase(), (instant, lateness) => {
        const elapsed = Math.min(instant - localBegin, duration)
        const delta = elapsed - this.elapsed
        this.elapsed = elapsed
        recorder.tick(startedAt + elapsed, lateness, this.meshPeers)
        for (const simulation of this.simulations) simulation.tick(elapsed, delta)

        const isOver = elapsed >= duration || this.session.isFinished || this.isStopped
        if (isUpdateDue(elapsed)) afterTick(this.onChange)
        if (!isCutDue(elapsed) && !isOver) return
        const dead = deadReceiver(this.simulations, elapsed, recorder.tickLatenessP95)
        if (isOver || dead !== undefined) stop()
        if (dead !== undefined) reject(new Error(dead))
        else if (isOver) resolve()
        else afterTick(() => void this.session.submit(recorder.cut(this.simulations)))
      })
    })
  }

  /** ms, from the seed: pages that tick at the same instants would compete for the processor. */
  private tickPhase(): number {
    return new Random(this.session.seed, STREAMS.ticks, this.parameters.firstPeerNumber).uniform(0, TICK_MS)
  }

  /** Hears what is still on its way. */
  private async drain(recorder: Recorder): Promise<void> {
    this.enter('draining')
    recorder.endMeasured(this.meshPeers)
    if (this.session.isFinished) {
      this.note = 'The test was finished on the server before its time'
      return
    }
    await pause(DRAIN_MS)
    await this.session.submit(recorder.cut(this.simulations))
  }

  private async handInResults(recorder: Recorder): Promise<void> {
    const accounts = this.simulations.flatMap((simulation) => {
      const { current } = simulation
      return current?.presence ? [this.handIn(recorder, simulation, current)] : []
    })
    await Promise.all([...accounts, ...this.handingIn])
  }

  private async handIn(recorder: Recorder, simulation: PeerSimulation, peer: MeshPeer): Promise<void> {
    await this.session.handIn(peer.id, recorder.account(simulation, peer))
    this.done++
  }

  /** A peer that leaves hands in its account at once. */
  private partWith(simulation: PeerSimulation, peer: MeshPeer): void {
    this.departed.push(peer)
    const { recorder } = this
    if (!recorder || !peer.presence) return
    peer.presence.left = this.clock.now()
    peer.endMeasured()
    void this.session.submit([recorder.cutLast(simulation, peer)])
    this.handingIn.push(this.session.handIn(peer.id, recorder.account(simulation, peer)))
  }
}

/** Options of the library that differ from the suite's. */
function libraryConfig({ mesh, meshPeers, peerConfig }: Parameters): Record<string, unknown> {
  const all = meshPeers - 1
  const fullMesh = { targetConnections: all, maxConnections: all, minConnections: all }
  return { ...(mesh === 'full' && fullMesh), ...peerConfig }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)))
}
