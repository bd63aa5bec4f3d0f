/** Assembles data points, as the contract defines them, and a peer's final results. */
import { encodeAscending } from '../../../protocol/varints'
import type { BatchPoint } from '../../../protocol/data-point'
import { forEachKind } from '../../../protocol/names'
import type { KindResults, Library, PageShare, PeerResults } from '../../../protocol/peer-results'
import type { MeshPeer } from '../mesh-peer'
import type { PeerSlot } from '../peer-slot'
import type { Counts } from './ledger'
import type { TickLateness } from './ticks'
import { difference } from './traffic'

/** What all data points of a cut share. */
type PageFigures = Pick<BatchPoint, 'interval' | 'ticks' | 'clock'>

/** Cuts a data point of `peer`, covering everything counted since the last one. */
export function cutDataPoint(
  peer: MeshPeer,
  page: PageFigures,
  position: readonly [number, number, number]
): BatchPoint {
  const counts = peer.ledger.cutInterval()
  const wire = { ...peer.traffic.wire }
  const wireBefore = peer.wireAtCut
  peer.wireAtCut = wire
  const group = peer.group()
  return {
    peerId: peer.id,
    sequence: peer.sequence++,
    ...peer.endStatsPeriod(),
    connectedPeers: peer.connectedPeers(),
    knownPeersCount: peer.knownPeers(),
    position: [...position],
    messages: forEachKind((kind) => {
      const { sent, received, duplicates, latency, latencyFromDue, unsent, late } = counts.kinds[kind]
      return {
        sent,
        received,
        duplicates,
        latency: latency.encode(),
        latencyFromDue: latencyFromDue.encode(),
        unsent,
        late
      }
    }),
    wire: difference(wire, wireBefore),
    ...hopsOf(counts),
    sendErrors: counts.sendErrors,
    ...page,
    ...(group !== undefined && { group }),
    connections: { ...peer.traffic.connections },
    ...peer.traffic.links.cut()
  }
}

export interface RecordingPlan {
  /** When the test starts; messages sent earlier are not recorded. */
  startsAt: number
  /** When this page's routines start: later than `startsAt` if the page arrived late. */
  startedAt: number
  /** What the final results cover. */
  measured: { from: number; until: number }
  library: Library
  runnerId: string | undefined
}

/** The page's part in a peer's final results. */
interface PagePart {
  now: number
  ticks: TickLateness
  clock: PeerResults['clock']
  share: PageShare
}

/** The final results of `peer`, which must have been in the room. */
export function finalResultsOf(
  peer: MeshPeer,
  { number, routineName, rates }: Pick<PeerSlot, 'number' | 'routineName' | 'rates'>,
  { measured, runnerId, library, startedAt }: RecordingPlan,
  { now, ticks, clock, share }: PagePart
): PeerResults {
  const { ledger, traffic } = peer
  const counted = ledger.measured
  const presence = { joined: peer.presence!.joined, left: peer.presence!.left ?? now }
  const group = peer.group()
  const owedSeconds =
    Math.max(0, Math.min(measured.until, presence.left) - Math.max(measured.from, presence.joined)) / 1000
  return {
    number,
    ...(runnerId !== undefined && { runnerId }),
    library,
    routine: routineName,
    ...(group !== undefined && { group }),
    presence,
    startedAt,
    measured,
    messages: forEachKind((kind): KindResults => {
      const { latency, latencyFromDue, ...counts } = counted.kinds[kind]
      return {
        ...counts,
        // The library may have accepted messages in another order than it got them.
        sentTimes: encodeAscending(
          ledger.sentTimes[kind].toSorted((a, b) => a - b),
          measured.from
        ),
        latency: latency.encode(),
        latencyFromDue: latencyFromDue.encode()
      }
    }),
    heard: Object.fromEntries(ledger.heard),
    integrity: { ...ledger.integrity },
    ...hopsOf(counted),
    sendErrors: counted.sendErrors,
    wire: peer.measuredWire(),
    page: share,
    connectionTimes: peer.connectionTimes,
    connections: { ...traffic.connections },
    ticks: { count: ticks.count, lateness: ticks.histogram.encode() },
    nominal: forEachKind((kind) => rates[kind] * owedSeconds),
    clock,
    errors: peer.errors
  }
}

function hopsOf({ hops }: Counts): { hops?: number[] } {
  return hops.length > 0 ? { hops: [...hops] } : {}
}
