/**
 * The parts of the summary that come from the peers' counts and histograms. Uses a peer's final results, or
 * its data points if there are none.
 */
import { Histogram } from '../../../protocol/histogram'
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { Summary } from '../../../protocol/summary'
import { merge, reading } from '../collect/merge'
import type { PeerRecord } from '../collect/peer-record'
import {
  distributionOfCounts,
  latencyOf,
  millisecondsOf,
  owedLatencyOf,
  ratio,
  sum
} from '../../distribution'

export function latencies(peers: readonly PeerRecord[], unreadable: Set<string>): Summary['latency'] {
  const merged = mergedLatencies(peers, 'latency', unreadable)
  return {
    position: latencyOf(merged.position),
    profile: latencyOf(merged.profile),
    chat: latencyOf(merged.chat),
    all: latencyOf(merged.all)
  }
}

/**
 * Measured from the times at which the routines owed the messages, over all `owed`. Null if a peer does not
 * report it.
 */
export function latenciesOwed(
  peers: readonly PeerRecord[],
  owed: Record<MessageKind | 'all', number>,
  unreadable: Set<string>
): Summary['latencyOwed'] {
  if (!peers.every(reportsDue)) return { position: null, profile: null, chat: null, all: null }
  const merged = mergedLatencies(peers, 'latencyFromDue', unreadable)
  return {
    position: owedLatencyOf(merged.position, owed.position),
    profile: owedLatencyOf(merged.profile, owed.profile),
    chat: owedLatencyOf(merged.chat, owed.chat),
    all: owedLatencyOf(merged.all, owed.all)
  }
}

/** Whether a peer also reports its latencies from the due times. Older clients do not. */
function reportsDue({ finalResults, tallies, latenciesFromDue }: PeerRecord): boolean {
  return MESSAGE_KINDS.every((kind) =>
    finalResults
      ? finalResults.messages[kind].received === 0 || finalResults.messages[kind].latencyFromDue !== undefined
      : tallies[kind].received === 0 || !latenciesFromDue[kind].isEmpty
  )
}

function mergedLatencies(
  peers: readonly PeerRecord[],
  field: 'latency' | 'latencyFromDue',
  unreadable: Set<string>
): Record<MessageKind | 'all', Histogram> {
  const merged = {
    position: new Histogram(),
    profile: new Histogram(),
    chat: new Histogram(),
    all: new Histogram()
  }
  for (const { id, finalResults, latencies: sinceSent, latenciesFromDue: sinceDue } of peers) {
    for (const kind of MESSAGE_KINDS) {
      if (finalResults) merge(merged[kind], finalResults.messages[kind][field] ?? '', id, unreadable)
      else {
        reading(id, unreadable, () => {
          const ofPoints = field === 'latency' ? sinceSent : sinceDue
          ofPoints[kind].addTo(merged[kind])
        })
      }
    }
  }
  for (const kind of MESSAGE_KINDS) merged.all.add(merged[kind])
  return merged
}

/** Only final results contain these histograms. */
export function tickLateness(
  peers: readonly PeerRecord[],
  unreadable: Set<string>
): Summary['ticks']['lateness'] {
  const merged = new Histogram()
  for (const { id, finalResults } of peers)
    if (finalResults) merge(merged, finalResults.ticks.lateness, id, unreadable)
  return millisecondsOf(merged)
}

export function hops(peers: readonly PeerRecord[]): Summary['hops'] {
  const counts: number[] = []
  for (const { finalResults, hops: ofPoints } of peers) {
    const own = finalResults ? (finalResults.hops ?? []) : ofPoints
    own.forEach((count, index) => (counts[index] = (counts[index] ?? 0) + count))
  }
  return distributionOfCounts(counts)
}

export function wire(peers: readonly PeerRecord[], received: number, peerSeconds: number): Summary['wire'] {
  const total = (field: keyof PeerRecord['wire']) =>
    sum(peers.map(({ finalResults, wire: ofPoints }) => (finalResults?.wire ?? ofPoints)[field]))
  const packetsReceived = total('received')
  const bytesReceived = total('receivedBytes')
  return {
    packetsSent: total('sent'),
    packetsReceived,
    bytesSent: total('sentBytes'),
    bytesReceived,
    packetsPerMessage: ratio(packetsReceived, received),
    packetsPerPeerSecond: ratio(packetsReceived, peerSeconds),
    bytesPerPeerSecond: ratio(bytesReceived, peerSeconds)
  }
}

/** From the library's own stats, over the time that the points cover. */
export function libraryRates(peers: readonly PeerRecord[]): Summary['library'] {
  const rate = (series: keyof Summary['library']) => {
    const known = peers.filter(({ library }) => library[series] !== undefined)
    return ratio(
      sum(known.map(({ library }) => library[series]!)),
      sum(known.map(({ countedSeconds }) => countedSeconds))
    )
  }
  return {
    sent: rate('sent'),
    received: rate('received'),
    relayed: rate('relayed'),
    relevant: rate('relevant'),
    duplicate: rate('duplicate'),
    expired: rate('expired')
  }
}

/**
 * ms between the first and the last peer to start its routine, among the peers present at the start.
 * Newcomers start later on purpose.
 */
export function startSkew(peers: readonly PeerRecord[], startsAt: number | undefined): number | null {
  const starts = peers.flatMap(({ finalResults }) =>
    finalResults && startsAt !== undefined && finalResults.presence.joined <= startsAt
      ? finalResults.startedAt
      : []
  )
  if (starts.length === 0) return null
  const [first, last] = starts.reduce(
    ([low, high], start) => [Math.min(low, start), Math.max(high, start)],
    [Infinity, -Infinity]
  )
  return last - first
}
