/** What comes from the peers: from their final results, or from their data points if there are none. */
import { Histogram } from '../../../protocol/histogram'
import { forAllKinds, forEachKind, MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { Library, PageShare, PeerResults } from '../../../protocol/peer-results'
import type { Distribution, Summary } from '../../../protocol/summary'
import { groupBy } from '../../../protocol/group-by'
import { PresenceTimeline } from '../../presence'
import { merge } from '../collect/lazy-histogram'
import type { PeerRecord } from '../collect/peer-record'
import {
  distributionOf,
  distributionOfCounts,
  latencyOf,
  millisecondsOf,
  owedLatencyOf,
  ratio,
  sum
} from '../../distribution'

type Peers = readonly PeerRecord[]

export function latencies(peers: Peers, unreadable: Set<string>): Summary['latency'] {
  const merged = mergedLatencies(peers, 'latency', unreadable)
  return forAllKinds((kind) => latencyOf(merged[kind]))
}

/** From the times at which the routines owed the messages, over all `owed`. Null if a peer does not tell. */
export function latenciesOwed(
  peers: Peers,
  owed: Record<MessageKind | 'all', number>,
  unreadable: Set<string>
): Summary['latencyOwed'] {
  if (!peers.every(reportsDue)) return forAllKinds(() => null)
  const merged = mergedLatencies(peers, 'latencyFromDue', unreadable)
  return forAllKinds((kind) => owedLatencyOf(merged[kind], owed[kind]))
}

/** Whether a peer also reports its latencies from the due times. Older clients do not. */
function reportsDue({ account, finalResults, latencyFromDue }: PeerRecord): boolean {
  const has = (kind: MessageKind) =>
    finalResults ? finalResults.messages[kind].latencyFromDue !== undefined : !latencyFromDue[kind].isEmpty
  return MESSAGE_KINDS.every((kind) => account.messages[kind].received === 0 || has(kind))
}

function mergedLatencies(peers: Peers, field: 'latency' | 'latencyFromDue', unreadable: Set<string>) {
  const merged = forAllKinds(() => new Histogram())
  for (const { id, [field]: histograms } of peers) {
    for (const kind of MESSAGE_KINDS) {
      histograms[kind].merged(merged[kind])
      if (histograms[kind].isUnreadable) unreadable.add(id)
    }
  }
  for (const kind of MESSAGE_KINDS) merged.all.add(merged[kind])
  return merged
}

/** Only final results contain these histograms. */
export function tickLateness(peers: Peers, unreadable: Set<string>): Summary['ticks']['lateness'] {
  const merged = new Histogram()
  for (const { id, finalResults } of peers)
    if (finalResults && !merge(merged, finalResults.ticks.lateness)) unreadable.add(id)
  return millisecondsOf(merged)
}

export function hops(peers: Peers): Summary['hops'] {
  const counts: number[] = []
  for (const { account } of peers)
    account.hops?.forEach((count, index) => (counts[index] = (counts[index] ?? 0) + count))
  return distributionOfCounts(counts)
}

export function wire(peers: Peers, received: number, peerSeconds: number): Summary['wire'] {
  const total = (field: keyof PeerResults['wire']) => sum(peers.map(({ account }) => account.wire[field]))
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

/** The most first arrivals of each sender's messages that any one peer reports. */
export class HeardTally {
  private readonly most = new Map<string, Record<MessageKind, number>>()

  add(heard: PeerResults['heard']): void {
    for (const [sender, counts] of Object.entries(heard)) {
      const most = this.most.get(sender) ?? forEachKind(() => 0)
      this.most.set(sender, most)
      MESSAGE_KINDS.forEach((kind, index) => (most[kind] = Math.max(most[kind], counts[2 * index]!)))
    }
  }

  /** How many more than their senders sent, by `sentBy`, if known; at least, because a loss may hide one. */
  beyond(sentBy: (sender: string) => Record<MessageKind, { sent: number }> | undefined): number {
    let total = 0
    for (const [sender, most] of this.most) {
      const counts = sentBy(sender)
      for (const kind of counts ? MESSAGE_KINDS : []) total += Math.max(0, most[kind] - counts![kind].sent)
    }
    return total
  }
}

/** Deliveries that are wrong, as the peers and the senders' accounts tell. Null for older clients. */
export function integrity(peers: Peers, heard: HeardTally): Summary['integrity'] {
  const known = peers.flatMap(({ finalResults }) => finalResults?.integrity ?? [])
  if (known.length === 0) return { echoes: null, altered: null, unknown: null }
  const sent = new Map(peers.map(({ id, finalResults }) => [id, finalResults?.messages]))
  return {
    echoes: sum(known.map(({ echoes }) => echoes)),
    altered: sum(known.map(({ altered }) => altered)),
    unknown: heard.beyond((sender) => (sent.has(sender) ? sent.get(sender) : NOTHING))
  }
}

const NOTHING = forEachKind(() => ({ sent: 0 }))

/** What the pages counted as a whole. Null for older clients. */
export function pageTotals(peers: Peers, peerSeconds: number): Pick<Summary, 'lighthouse' | 'errors'> {
  const shares = peers.flatMap(({ finalResults }) => finalResults?.page ?? [])
  const rate = (series: keyof PageShare['lighthouse']) =>
    shares.length > 0 ? ratio(sum(shares.map(({ lighthouse }) => lighthouse[series])), peerSeconds) : null
  return {
    lighthouse: { messages: rate('messages'), bytes: rate('bytes'), requests: rate('requests') },
    errors: {
      uncaught: shares.length > 0 ? sum(shares.map(({ uncaught }) => uncaught.count)) : null,
      first: shares.find(({ uncaught }) => uncaught.first !== undefined)?.uncaught.first ?? null
    }
  }
}

export function connectionTimes(peers: Peers): Summary['connection'] {
  const over = (step: keyof PeerResults['connectionTimes']) =>
    distributionOf(peers.flatMap(({ finalResults }) => finalResults?.connectionTimes[step] ?? []))
  return {
    socket: over('socket'),
    joined: over('joined'),
    first: over('firstConnection'),
    fourth: fourthConnection(peers)
  }
}

/** Null if the build's options leave a peer with fewer than four connections, or if no peer found four. */
function fourthConnection(peers: Peers): Distribution {
  const all = peers.flatMap(({ finalResults }) => finalResults ?? [])
  if (all.some(({ library }) => hasFewConnections(library))) return null
  const timeline = new PresenceTimeline(all.map(({ presence }) => presence))
  const newcomers = all.filter(({ presence }) => timeline.countAt(presence.joined) > 4)
  return distributionOf(newcomers.flatMap(({ connectionTimes }) => connectionTimes.fourthConnection ?? []))
}

function hasFewConnections({ config = {} }: Library): boolean {
  return [config.targetConnections, config.maxConnections].some((limit) => Number(limit ?? 4) < 4)
}

/** From the library's own stats, over the time that the points cover. */
export function libraryRates(peers: Peers): Summary['library'] {
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

/** ms between the first and the last start of a routine, without newcomers, who start later on purpose. */
export function startSkew(peers: Peers, startsAt: number | undefined): number | null {
  const starts = peers.flatMap(({ finalResults }) =>
    finalResults && startsAt !== undefined && finalResults.presence.joined <= startsAt
      ? finalResults.startedAt
      : []
  )
  return starts.length > 0 ? Math.max(...starts) - Math.min(...starts) : null
}

/**
 * Upper bound on the clock error in any latency, in ms: a latency is the difference of two readings, so it is
 * the sum of the two largest errors among different clocks. 0 if all share one, null if none is known. Peers
 * of one runner report the name of their clock; clocks without one are the same if their figures are equal.
 */
export function latencyClockError(peers: Peers): number | null {
  const readings = peers.flatMap(({ account }) => account.clock ?? [])
  const clocks = groupBy(readings, ({ id, offset, error }) => id ?? `${offset} ${error}`)
  const errors = [...clocks.values()].map((own) => Math.max(...own.map(({ error }) => error)))
  const [largest, second] = errors.sort((a, b) => b - a)
  if (largest === undefined) return null
  return second === undefined ? 0 : largest + second
}
