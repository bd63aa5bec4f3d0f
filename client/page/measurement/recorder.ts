/** Records a running test: cuts data points for all peers of the page and makes their final results. */
import type { BatchPoint } from '../../../protocol/data-point'
import type { PeerResults } from '../../../protocol/peer-results'
import type { MeshPeer } from '../mesh-peer'
import type { PeerSlot } from '../peer-slot'
import { cutDataPoint, finalResultsOf, type RecordingPlan } from './data-point'
import type { Offset } from '../../../protocol/clock/clock-estimate'
import type { ServerClock } from '../../../protocol/clock/server-clock'
import type { PageCounts } from './page-counts'
import { TickLateness } from './ticks'

export class Recorder {
  /** Tick lateness p95 of the last interval, in ms. */
  tickLatenessP95 = 0
  private intervalFrom: number
  private readonly intervalTicks = new TickLateness()
  private readonly measuredTicks = new TickLateness()
  private isMeasuring = false
  private clockState: Offset
  /** The maximum over all cuts, because it may have affected any of the latencies. */
  private worstClockError = 0

  constructor(
    readonly plan: RecordingPlan,
    private readonly clock: ServerClock,
    private readonly page: PageCounts
  ) {
    this.intervalFrom = plan.startedAt
    this.clockState = clock.offset()
  }

  /** Starts recording a peer that is in the room. */
  include(peer: MeshPeer): void {
    const { startsAt, measured } = this.plan
    peer.ledger.begin({ recordFrom: Math.max(startsAt, peer.presence!.joined), measured })
    peer.wireAtCut = { ...peer.traffic.wire }
    if (this.isMeasuring) peer.beginMeasured()
  }

  /** Records a tick that came `lateness` ms late at `now`, an instant of the test. */
  tick(now: number, lateness: number, peers: () => MeshPeer[]): void {
    this.intervalTicks.record(lateness)
    if (now < this.plan.measured.from) return
    this.measuredTicks.record(lateness)
    if (this.isMeasuring) return
    this.isMeasuring = true
    this.page.beginMeasured()
    for (const peer of peers()) peer.beginMeasured()
  }

  /** Ends the measured time of the page's peers, early if the test is cut short. */
  endMeasured(peers: MeshPeer[]): void {
    const { measured } = this.plan
    // A peer that joins from now on has no measured time to begin.
    this.isMeasuring = false
    measured.until = Math.min(measured.until, Math.max(measured.from, this.clock.now()))
    for (const peer of peers) peer.endMeasured()
    this.page.endMeasured()
  }

  /** Asks WebRTC for the figures of all links, peer by peer, so that no tick waits for all of them. */
  async readLinks(peers: readonly MeshPeer[]): Promise<void> {
    for (const { traffic } of peers) await traffic.links.read()
  }

  /** Asks for those of the links on which no message has come lately. */
  async readQuietLinks(peers: readonly MeshPeer[]): Promise<void> {
    for (const { traffic } of peers) await traffic.links.readQuiet()
  }

  /** Cuts one data point for each peer in the room, covering the time since the last cut. */
  cut(slots: PeerSlot[]): BatchPoint[] {
    const page = this.pageFigures()
    this.intervalFrom = page.interval.until
    const points = slots.flatMap((slot) =>
      slot.current?.presence ? [cutDataPoint(slot.current, page, slot.position)] : []
    )
    this.tickLatenessP95 = page.ticks.latenessP95
    this.intervalTicks.reset()
    return points
  }

  /** Cuts the last data point of a peer that leaves. */
  cutLast(slot: PeerSlot, peer: MeshPeer): BatchPoint {
    return cutDataPoint(peer, this.pageFigures(), slot.position)
  }

  /** The final results of a peer that was in the room. */
  finalResults(slot: PeerSlot, peer: MeshPeer): PeerResults {
    const { driftPpm, id, source } = this.clock
    return finalResultsOf(peer, slot, this.plan, {
      now: this.clock.now(),
      ticks: this.measuredTicks,
      clock: { ...this.clockState, error: this.worstClockError, driftPpm, id, source },
      share: this.page.takeShare()
    })
  }

  private pageFigures() {
    this.clockState = this.clock.offset()
    this.worstClockError = Math.max(this.worstClockError, this.clockState.error)
    return {
      interval: { from: this.intervalFrom, until: this.clock.now() },
      ticks: this.intervalTicks.figures,
      clock: { ...this.clockState, id: this.clock.id, source: this.clock.source }
    }
  }
}
