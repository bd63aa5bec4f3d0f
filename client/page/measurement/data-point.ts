/** Assembles data points, as the contract defines them, and a peer's final results. */
import { encodeAscending } from '../../../protocol/varints'
import type { BatchPoint } from '../../../protocol/data-point'
import { forEachKind } from '../../../protocol/names'
import type { KindResults, Library, PageShare, PeerResults } from '../../../protocol/peer-results'
import type { MeshPeer } from '../mesh-peer'
import type { Rates } from '../routine'
import type { Counts } from './ledger'
import type { Offset } from '../../../protocol/clock/clock-estimate'
import type { TickLateness } from './ticks'
import { difference } from './traffic'

/**
 * Cuts a data point of `peer`, covering everything counted since the last one. All peers of a page share its
 * ticks and clock.
 */
export function cutDataPoint(
  peer: MeshPeer,
  interval: { from: number; until: number },
  page: { ticks: BatchPoint['ticks']; clock: Offset & { id: string } },
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
    interval,
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

interface FinalResultsContext extends RecordingPlan {
  number: number
  routine: string
  rates: Rates
  now: number
  ticks: TickLateness
  clock: PeerResults['clock']
  page: PageShare
}

/** The final results of `peer`, which must have been in the room. */
export function finalResultsOf(peer: MeshPeer, context: FinalResultsContext): PeerResults {
  const { measured, rates } = context
  const { ledger, traffic } = peer
  const counted = ledger.measured
  const presence = { joined: peer.presence!.joined, left: peer.presence!.left ?? context.now }
  const group = peer.group()
  const owedSeconds =
    Math.max(0, Math.min(measured.until, presence.left) - Math.max(measured.from, presence.joined)) / 1000
  return {
    number: context.number,
    ...(context.runnerId !== undefined && { runnerId: context.runnerId }),
    library: context.library,
    routine: context.routine,
    ...(group !== undefined && { group }),
    presence,
    startedAt: context.startedAt,
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
    page: context.page,
    connectionTimes: peer.connectionTimes,
    connections: { ...traffic.connections },
    ticks: { count: context.ticks.count, lateness: context.ticks.histogram.encode() },
    nominal: forEachKind((kind) => rates[kind] * owedSeconds),
    clock: context.clock,
    errors: peer.errors
  }
}

function hopsOf({ hops }: Counts): { hops?: number[] } {
  return hops.length > 0 ? { hops: [...hops] } : {}
}
