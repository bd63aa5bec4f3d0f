/** The parts of the summary that come from the peers' counts and histograms: by their accounts, else by their data points. */
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { Summary } from '../../protocol/summary'
import { merge, reading } from '../collect/merge'
import type { PeerRecord } from '../collect/peer-record'
import { distributionOfCounts, millisecondsOf, ratio, sum } from '../distribution'

export function latencies(peers: readonly PeerRecord[], unreadable: Set<string>): Summary['latency'] {
  const merged: Record<MessageKind, Histogram> = {
    position: new Histogram(),
    profile: new Histogram(),
    chat: new Histogram()
  }
  for (const { id, account, latencies: ofPoints } of peers) {
    for (const kind of MESSAGE_KINDS) {
      if (account) merge(merged[kind], account.messages[kind].latency, id, unreadable)
      else {
        reading(id, unreadable, () => {
          ofPoints[kind].addTo(merged[kind])
        })
      }
    }
  }
  const all = new Histogram()
  for (const kind of MESSAGE_KINDS) all.add(merged[kind])
  return {
    position: millisecondsOf(merged.position),
    profile: millisecondsOf(merged.profile),
    chat: millisecondsOf(merged.chat),
    all: millisecondsOf(all)
  }
}

/** Only the accounts hold histograms of it. */
export function tickLateness(
  peers: readonly PeerRecord[],
  unreadable: Set<string>
): Summary['ticks']['lateness'] {
  const merged = new Histogram()
  for (const { id, account } of peers) if (account) merge(merged, account.ticks.lateness, id, unreadable)
  return millisecondsOf(merged)
}

export function hops(peers: readonly PeerRecord[]): Summary['hops'] {
  const counts: number[] = []
  for (const { account, hops: ofPoints } of peers) {
    const own = account ? (account.hops ?? []) : ofPoints
    own.forEach((count, index) => (counts[index] = (counts[index] ?? 0) + count))
  }
  return distributionOfCounts(counts)
}

export function wire(peers: readonly PeerRecord[], received: number, peerSeconds: number): Summary['wire'] {
  const total = (field: keyof PeerRecord['wire']) =>
    sum(peers.map(({ account, wire: ofPoints }) => (account?.wire ?? ofPoints)[field]))
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

/** By the library's own stats, over the time that the points cover. */
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
 * ms between the first and the last peer's start of its routine, among those that were there at the start: newcomers begin later by their
 * routine's will.
 */
export function startSkew(peers: readonly PeerRecord[], startsAt: number | undefined): number | null {
  const starts = peers.flatMap(({ account }) =>
    account && startsAt !== undefined && account.presence.joined <= startsAt ? account.startedAt : []
  )
  if (starts.length === 0) return null
  const [first, last] = starts.reduce(
    ([low, high], start) => [Math.min(low, start), Math.max(high, start)],
    [Infinity, -Infinity]
  )
  return last - first
}
