/** Records a running test: cuts the data points of all the page's peers, and draws up their final accounts. */
import type { BatchPoint } from '../../protocol/metrics'
import type { Library, PeerResults } from '../../protocol/peer-results'
import type { MeshPeer } from '../mesh-peer'
import type { PeerSimulation } from '../simulated-peer'
import { accountOf, cutDataPoint } from './data-point'
import type { Offset } from '../../clock/clock-estimate'
import type { ServerClock } from '../../clock/server-clock'
import { TickLateness } from './ticks'

export interface RecordingPlan {
  /** When the test starts; messages sent before are not recorded. */
  startsAt: number
  /** When this page's routines start: later than `startsAt` where it came late. */
  startedAt: number
  /** What the final accounts cover. */
  measured: { from: number; until: number }
  library: Library
  runnerId: string | undefined
}

export class Recorder {
  /** Of the last interval, in ms. */
  tickLatenessP95 = 0
  private intervalFrom: number
  private readonly intervalTicks = new TickLateness()
  private readonly measuredTicks = new TickLateness()
  private isMeasuring = false
  private clockState: Offset
  /** Of all the cuts: any of the latencies may have had it. */
  private worstClockError = 0

  constructor(
    readonly plan: RecordingPlan,
    private readonly clock: ServerClock
  ) {
    this.intervalFrom = plan.startedAt
    this.clockState = clock.offset()
  }

  /** Begins to record a peer that is in the room. */
  include(peer: MeshPeer): void {
    const { startsAt, measured } = this.plan
    peer.ledger.begin({ recordFrom: Math.max(startsAt, peer.presence!.joined), measured })
    peer.wireAtCut = { ...peer.traffic.wire }
    if (this.isMeasuring) peer.beginMeasured()
  }

  /** Notes a tick that came `lateness` ms late at `now`, an instant of the test. */
  tick(now: number, lateness: number, peers: MeshPeer[]): void {
    this.intervalTicks.record(lateness)
    if (now < this.plan.measured.from) return
    this.measuredTicks.record(lateness)
    if (this.isMeasuring) return
    this.isMeasuring = true
    for (const peer of peers) peer.beginMeasured()
  }

  /** Ends the measured time of the page's peers, before its time where the test is cut short. */
  endMeasured(peers: MeshPeer[]): void {
    const { measured } = this.plan
    measured.until = Math.min(measured.until, Math.max(measured.from, this.clock.now()))
    for (const peer of peers) peer.endMeasured()
  }

  /** One data point for each peer that is in the room, for the time since the last cut. */
  cut(simulations: PeerSimulation[]): BatchPoint[] {
    const interval = { from: this.intervalFrom, until: this.clock.now() }
    this.intervalFrom = interval.until
    this.readClock()
    const points = simulations.flatMap((simulation) =>
      simulation.current?.presence ? [this.cutOne(simulation, simulation.current, interval)] : []
    )
    this.tickLatenessP95 = this.intervalTicks.percentile(95)
    this.intervalTicks.reset()
    return points
  }

  /** The last data point of a peer that leaves. */
  cutLast(simulation: PeerSimulation, peer: MeshPeer): BatchPoint {
    return this.cutOne(simulation, peer, { from: this.intervalFrom, until: this.clock.now() })
  }

  /** The final account of a peer that was in the room. */
  account(simulation: PeerSimulation, peer: MeshPeer): PeerResults {
    return accountOf(peer, {
      ...this.plan,
      now: this.clock.now(),
      number: simulation.number,
      routine: simulation.routineName,
      rates: simulation.rates,
      ticks: this.measuredTicks,
      clock: {
        ...this.clockState,
        error: this.worstClockError,
        driftPpm: this.clock.driftPpm,
        id: this.clock.id
      }
    })
  }

  private readClock(): void {
    this.clockState = this.clock.offset()
    this.worstClockError = Math.max(this.worstClockError, this.clockState.error)
  }

  private cutOne(
    simulation: PeerSimulation,
    peer: MeshPeer,
    interval: { from: number; until: number }
  ): BatchPoint {
    const page = { ticks: this.intervalTicks, clock: { ...this.clockState, id: this.clock.id } }
    return cutDataPoint(peer, interval, page, simulation.position)
  }
}
