/** Records a running test: cuts data points for all peers of the page and makes their final results. */
import type { Offset } from '../../protocol/clock/clock-estimate'
import type { ServerClock } from '../../protocol/clock/server-clock'
import type { BatchPoint } from '../../protocol/data-point'
import { forEachKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import { encodeAscending } from '../../protocol/varints'
import type { MeshPeer } from '../mesh-peer'
import type { PeerSlot } from '../peer-slot'
import type { Counts } from './ledger'
import type { PageCounts } from './page-counts'
import { TickLateness } from './ticks'
import { difference } from './traffic'

export interface RecordingPlan extends Pick<PeerResults, 'startedAt' | 'measured' | 'library' | 'runnerId'> {
  /** When the test starts, also for a page that hears of it late; a page that joins later begins then. */
  routinesFrom: number
}

export class Recorder {
  /** Tick lateness p95 of the last interval with ticks, in ms; undefined before the first is over. */
  tickLatenessP95: number | undefined
  private intervalFrom: number
  private intervalTicks = new TickLateness()
  private readonly measuredTicks = new TickLateness()
  private clockState: Offset
  /** The maximum over all cuts, because it may have affected any of the latencies. */
  private worstClockError = 0

  constructor(
    readonly plan: RecordingPlan,
    private readonly clock: ServerClock,
    private readonly page: PageCounts
  ) {
    this.intervalFrom = plan.routinesFrom
    this.clockState = clock.offset()
  }

  /** Starts recording a peer that is in the room. */
  include(peer: MeshPeer): void {
    peer.ledger.begin({ recordFrom: peer.presence!.joined, measured: this.plan.measured })
    peer.wireAtCut = { ...peer.traffic.wire }
    if (this.page.isMeasured) peer.beginMeasured()
  }

  /** Records a tick that came `lateness` ms late at `now`, an instant of the test. */
  tick(now: number, lateness: number, peers: () => MeshPeer[]): void {
    this.intervalTicks.record(lateness)
    if (now < this.plan.measured.from) return
    this.measuredTicks.record(lateness)
    if (this.page.isMeasured) return
    this.page.isMeasured = true
    for (const peer of peers()) peer.beginMeasured()
  }

  /** Ends the measured time of the page's peers, early if the test is cut short. */
  endMeasured(peers: MeshPeer[]): void {
    const { measured } = this.plan
    // A peer that joins from now on has no measured time to begin.
    this.page.isMeasured = false
    measured.until = Math.min(measured.until, Math.max(measured.from, this.clock.now()))
    for (const peer of peers) peer.endMeasured()
  }

  cut(slots: PeerSlot[]): BatchPoint[] {
    const page = this.pageFigures()
    this.intervalFrom = page.interval.until
    const points = slots.flatMap((slot) =>
      slot.current?.presence ? [cutDataPoint(slot.current, page, slot.position)] : []
    )
    if (page.ticks.count > 0) this.tickLatenessP95 = page.ticks.latenessP95
    this.intervalTicks = new TickLateness()
    return points
  }

  cutLast(slot: PeerSlot, peer: MeshPeer): BatchPoint {
    return cutDataPoint(peer, this.pageFigures(), slot.position)
  }

  finalResults({ number, routineName, rates }: PeerSlot, peer: MeshPeer): PeerResults {
    const { measured, runnerId, library, startedAt } = this.plan
    const { ledger, libraryPeer, traffic } = peer
    const { driftPpm, id, source } = this.clock
    const counted = ledger.measured
    const presence = { joined: peer.presence!.joined, left: peer.presence!.left ?? this.clock.now() }
    const owedSeconds =
      Math.max(0, Math.min(measured.until, presence.left) - Math.max(measured.from, presence.joined)) / 1000
    return {
      number,
      runnerId,
      library,
      routine: routineName,
      group: libraryPeer.group(),
      presence,
      startedAt,
      measured,
      messages: forEachKind((kind) => ({
        ...encoded(counted.kinds[kind]),
        // The library may have accepted messages in another order than it got them.
        sentTimes: encodeAscending(
          ledger.sentTimes[kind].toSorted((a, b) => a - b),
          measured.from
        )
      })),
      heard: Object.fromEntries(ledger.heard),
      integrity: { ...ledger.integrity },
      ...hopsOf(counted),
      sendErrors: counted.sendErrors,
      wire: peer.measuredWire(),
      page: this.page.takeShare(),
      connectionTimes: peer.connectionTimes,
      connections: { ...traffic.connections },
      ticks: { count: this.measuredTicks.count, lateness: this.measuredTicks.histogram.encode() },
      nominal: forEachKind((kind) => rates[kind] * owedSeconds),
      clock: { ...this.clockState, error: this.worstClockError, driftPpm, id, source },
      errors: peer.errors
    }
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

function cutDataPoint(
  peer: MeshPeer,
  page: Pick<BatchPoint, 'interval' | 'ticks' | 'clock'>,
  position: readonly [number, number, number]
): BatchPoint {
  const cut = peer.ledger.cutInterval()
  const wire = difference(peer.traffic.wire, peer.wireAtCut)
  peer.wireAtCut = { ...peer.traffic.wire }
  return {
    peerId: peer.id,
    sequence: peer.sequence++,
    ...peer.endStatsPeriod(),
    connectedPeers: peer.libraryPeer.connectedPeers(),
    knownPeersCount: peer.libraryPeer.knownPeers(),
    position: [...position],
    messages: forEachKind((kind) => {
      const { sent, received, duplicates, latency, latencyFromDue, unsent, late } = encoded(cut.kinds[kind])
      return { sent, received, duplicates, latency, latencyFromDue, unsent, late }
    }),
    wire,
    ...hopsOf(cut),
    sendErrors: cut.sendErrors,
    ...page,
    group: peer.libraryPeer.group(),
    connections: { ...peer.traffic.connections },
    ...peer.traffic.links.cut()
  }
}

function encoded(counts: Counts['kinds']['chat']) {
  const { latency, latencyFromDue } = counts
  return { ...counts, latency: latency.encode(), latencyFromDue: latencyFromDue.encode() }
}

const hopsOf = ({ hops }: Counts): { hops?: number[] } => (hops.length > 0 ? { hops: [...hops] } : {})
