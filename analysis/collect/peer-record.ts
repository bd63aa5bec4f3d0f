import type { DataPoint } from '../../protocol/metrics'
import { LIBRARY_SERIES, MESSAGE_KINDS, type LibrarySeries, type MessageKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import { LinkHistory } from '../mesh/link-history'
import type { Presence } from '../presence'
import { LazyHistogram } from './lazy-histogram'
import type { MeasuredTime } from './measured-time'

export type PerLibrarySeries = Record<LibrarySeries, number | undefined>

export interface KindTally {
  sent: number
  received: number
  duplicates: number
}

export type Wire = PeerResults['wire']

/**
 * What is kept of one peer: its account, sums over its data points, and the changes of its links. It does not grow with the
 * number of points, as long as the links stay as they are.
 */
export class PeerRecord {
  /** Without `heard`, its longest part, which only the delivery matrix needs. */
  account: PeerResults | undefined
  readonly links = new LinkHistory()

  /** First and last instant that any data point speaks of. */
  seen: Presence | undefined
  /** The same for the points that lie in the measured time. */
  counted: Presence | undefined
  /** Seconds that the counted points cover. */
  countedSeconds = 0

  /** Sums over the counted points, which stand in for the account where there is none. */
  readonly tallies: Record<MessageKind, KindTally> = {
    position: { sent: 0, received: 0, duplicates: 0 },
    profile: { sent: 0, received: 0, duplicates: 0 },
    chat: { sent: 0, received: 0, duplicates: 0 }
  }
  readonly latencies: Record<MessageKind, LazyHistogram> = {
    position: new LazyHistogram(),
    profile: new LazyHistogram(),
    chat: new LazyHistogram()
  }
  readonly wire: Wire = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  readonly hops: number[] = []
  readonly library: PerLibrarySeries = emptySeries()
  sendErrors = 0
  ticks = 0
  /** At least so many of them were later than the limit: what the intervals' percentiles prove. */
  lateTicksProven = 0
  maxLateness = 0
  /** Whether any point carried the ledger's counts. */
  hasLedger = false
  clock: DataPoint['metrics']['clock']
  group: string | undefined
  openConnections: number | undefined
  points = 0
  /** The longest time between two data points within the measured time, in ms. */
  longestGap = 0

  constructor(readonly id: string) {}

  /** @param lateLimit ms of tick lateness that count as late */
  addPoint(point: DataPoint, measured: MeasuredTime, lateLimit: number): void {
    const { metrics } = point
    const previousEnd = this.seen?.left
    const until = metrics.interval?.until ?? point.timestamp
    const from = metrics.interval?.from ?? previousEnd ?? until
    this.points++
    this.seen = extend(this.seen, from, until)
    this.group = metrics.group ?? this.group
    this.clock = metrics.clock ?? this.clock
    this.openConnections = metrics.connections?.open ?? this.openConnections
    if (metrics.connectedPeers) this.links.add(from, until, metrics.connectedPeers)
    if (!measured.covers(from, until)) return

    if (previousEnd !== undefined) this.longestGap = Math.max(this.longestGap, until - previousEnd)
    this.counted = extend(this.counted, from, until)
    if (until > from) this.addRates(metrics, (until - from) / 1000)
    this.addLedger(metrics)
    this.addTicks(metrics, lateLimit)
  }

  setAccount(results: PeerResults): void {
    this.account = { ...results, heard: {} }
    for (const kind of MESSAGE_KINDS) this.latencies[kind].clear()
  }

  /** The library's own counts, only with the time that they cover. */
  private addRates(metrics: DataPoint['metrics'], seconds: number): void {
    this.countedSeconds += seconds
    for (const series of LIBRARY_SERIES) {
      const count = metrics[series]
      if (count !== undefined) this.library[series] = (this.library[series] ?? 0) + count
    }
  }

  private addLedger(metrics: DataPoint['metrics']): void {
    this.sendErrors += metrics.sendErrors ?? 0
    metrics.hops?.forEach((count, hops) => (this.hops[hops] = (this.hops[hops] ?? 0) + count))
    if (metrics.wire) {
      this.wire.sent += metrics.wire.sent
      this.wire.received += metrics.wire.received
      this.wire.sentBytes += metrics.wire.sentBytes
      this.wire.receivedBytes += metrics.wire.receivedBytes
    }
    if (!metrics.messages) return
    this.hasLedger = true
    for (const kind of MESSAGE_KINDS) {
      const counts = metrics.messages[kind]
      const tally = this.tallies[kind]
      tally.sent += counts.sent
      tally.received += counts.received
      tally.duplicates += counts.duplicates
      if (!this.account) this.latencies[kind].add(counts.latency)
    }
  }

  private addTicks({ ticks }: DataPoint['metrics'], lateLimit: number): void {
    if (!ticks) return
    const late = ticks.latenessP50 > lateLimit ? 0.5 : ticks.latenessP95 > lateLimit ? 0.05 : 0
    this.ticks += ticks.count
    this.lateTicksProven += late * ticks.count
    this.maxLateness = Math.max(this.maxLateness, ticks.latenessMax)
  }
}

function emptySeries(): PerLibrarySeries {
  return {
    sent: undefined,
    received: undefined,
    relayed: undefined,
    all: undefined,
    relevant: undefined,
    duplicate: undefined,
    expired: undefined
  }
}

function extend(presence: Presence | undefined, from: number, until: number): Presence {
  if (!presence) return { joined: from, left: until }
  return { joined: Math.min(presence.joined, from), left: Math.max(presence.left, until) }
}

/** Until when a peer's account counts what arrives: to the end of the measured time, or until it left before that. */
export function hearsUntil({ presence, measured }: PeerResults): number {
  return Math.min(presence.left, measured.until)
}
