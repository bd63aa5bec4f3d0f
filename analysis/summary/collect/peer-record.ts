import type { DataPoint, Metrics } from '../../../protocol/data-point'
import { forEachKind, LIBRARY_SERIES, MESSAGE_KINDS, type LibrarySeries } from '../../../protocol/names'
import type { PeerResults } from '../../../protocol/peer-results'
import { addTo } from '../../distribution'
import { LinkHistory } from '../../mesh/mesh-timeline'
import type { Presence } from '../../presence'
import { VALIDITY } from '../../validity/limits'
import { LazyHistogram } from './lazy-histogram'
import { covers, type Window } from './measured-time'

/** It does not grow with the number of a peer's data points unless its links change. */
export class PeerRecord {
  /** Without `heard`, the longest part. */
  finalResults: PeerResults | undefined
  readonly links = new LinkHistory()

  /** First and last instant covered by any data point: known unless there are only final results. */
  seen: Presence | undefined
  /** The same for the points in the measured time. */
  counted: Presence | undefined
  /** Seconds covered by the counted points. */
  countedSeconds = 0

  /** Sums over the counted points, and the latest clock and connections. */
  private readonly sums = {
    messages: forEachKind(() => ({ sent: 0, received: 0, duplicates: 0, unsent: 0 })),
    wire: { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 },
    hops: [] as number[],
    sendErrors: 0,
    clock: undefined as Metrics['clock'],
    connections: undefined as Metrics['connections']
  }
  /** Of the final results, or else of the counted points. */
  readonly latency = forEachKind(() => new LazyHistogram())
  readonly latencyFromDue = forEachKind(() => new LazyHistogram())
  readonly library: Partial<Record<LibrarySeries, number>> = {}
  ticks = 0
  /** Lower bound on the number of late ticks, as proven by the intervals' percentiles. */
  lateTicksProven = 0
  maxLateness = 0
  /** Whether any point carried the ledger's counts. */
  hasLedger = false
  group: string | undefined
  points = 0
  /** Longest time between two data points within the measured time, in ms. */
  longestGap = 0

  constructor(readonly id: string) {}

  /** Of its final results, or else of its points. */
  get account() {
    return this.finalResults ?? this.sums
  }

  /** Returns whether the point counts. */
  addPoint(point: DataPoint, measured: Window): boolean {
    const { metrics } = point
    const previousEnd = this.seen?.left
    const until = metrics.interval?.until ?? point.timestamp
    const from = metrics.interval?.from ?? previousEnd ?? until
    this.points++
    this.seen = extend(this.seen, from, until)
    this.group = metrics.group ?? this.group
    this.sums.clock = metrics.clock ?? this.sums.clock
    this.sums.connections = metrics.connections ?? this.sums.connections
    if (metrics.connectedPeers) this.links.add(from, until, metrics.connectedPeers)
    // Without ticks, no routine ran: the peer drained.
    if (metrics.ticks?.count === 0 || !covers(measured, from, until)) return false

    if (previousEnd !== undefined) this.longestGap = Math.max(this.longestGap, until - previousEnd)
    this.counted = extend(this.counted, from, until)
    if (until > from) this.addRates(metrics, (until - from) / 1000)
    this.addLedger(metrics)
    this.addTicks(metrics)
    return true
  }

  setFinalResults(results: PeerResults): void {
    this.finalResults = { ...results, heard: {} }
    for (const kind of MESSAGE_KINDS) {
      this.latency[kind].reset(results.messages[kind].latency)
      this.latencyFromDue[kind].reset(results.messages[kind].latencyFromDue)
    }
  }

  /** Adds the library's own counts, and only the time they cover. */
  private addRates(metrics: Metrics, seconds: number): void {
    this.countedSeconds += seconds
    for (const series of LIBRARY_SERIES) {
      const count = metrics[series]
      if (count !== undefined) this.library[series] = (this.library[series] ?? 0) + count
    }
  }

  private addLedger(metrics: Metrics): void {
    const { messages, wire, hops } = this.sums
    this.sums.sendErrors += metrics.sendErrors ?? 0
    metrics.hops?.forEach((count, relays) => (hops[relays] = (hops[relays] ?? 0) + count))
    if (metrics.wire) addTo(wire, metrics.wire)
    if (!metrics.messages) return
    this.hasLedger = true
    for (const kind of MESSAGE_KINDS) {
      const counts = metrics.messages[kind]
      addTo(messages[kind], counts)
      if (this.finalResults) continue
      this.latency[kind].add(counts.latency)
      this.latencyFromDue[kind].add(counts.latencyFromDue)
    }
  }

  private addTicks({ ticks }: Metrics): void {
    if (!ticks) return
    const lateLimit = VALIDITY.tickLatenessP95
    const late = ticks.latenessP50 > lateLimit ? 0.5 : ticks.latenessP95 > lateLimit ? 0.05 : 0
    this.ticks += ticks.count
    this.lateTicksProven += late * ticks.count
    this.maxLateness = Math.max(this.maxLateness, ticks.latenessMax)
  }
}

function extend(presence: Presence | undefined, from: number, until: number): Presence {
  if (!presence) return { joined: from, left: until }
  return { joined: Math.min(presence.joined, from), left: Math.max(presence.left, until) }
}

/** Until when a peer's final results count arrivals: the end of the measured time, or when it left. */
export function hearsUntil({ presence, measured }: PeerResults): number {
  return Math.min(presence.left, measured.until)
}
