/**
 * The data points of a large test, added up by group: a page could neither draw nor parse those of 10,000
 * peers. Groups hear only themselves, so a group is to a large test what a peer is to a small one.
 */
import { addTo } from '../../analysis/distribution'
import { attempt } from '../../protocol/attempt'
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS, type DataPoint, type Metrics } from '../../protocol/data-point'
import type { PointEvent } from '../../protocol/events'

/** The time over which points are added up: the interval at which clients submit by default. */
const WINDOW_MS = 2_000

export class Crowd {
  /** Each peer's group, and when its next point is due. */
  private readonly homes = new Map<string, { group: string; due: number }>()
  private readonly sums = new Map<string, Sum>()
  private window = 0

  /** `isWhole`: whether the first window will be. Of some of its points, all shares would be wrong. */
  constructor(private isWhole = true) {}

  /** Adds a point. Returns the points of the window before, if this one begins another. */
  add({ peerId, timestamp, metrics }: DataPoint): PointEvent[] {
    const window = Math.floor(timestamp / WINDOW_MS)
    const ended = window > this.window ? this.take() : []
    this.window = Math.max(window, this.window)
    const group = metrics.group ?? metrics.clock?.id ?? 'all'
    this.homes.set(peerId, { group, due: timestamp + lengthOf(metrics) })
    let sum = this.sums.get(group)
    if (!sum) this.sums.set(group, (sum = new Sum()))
    sum.add(metrics, timestamp)
    for (const id of metrics.connectedPeers ?? []) {
      const other = this.homes.get(id)?.group
      if (other !== undefined && other !== group) sum.neighbours.add(other)
    }
    return ended
  }

  private take(): PointEvent[] {
    const sizes = new Map<string, number>()
    for (const [id, { group, due }] of this.homes)
      // Peers that leave and come back have a new id each time.
      if (due < this.window * WINDOW_MS) this.homes.delete(id)
      else sizes.set(group, (sizes.get(group) ?? 0) + 1)
    const points = [...(this.isWhole ? this.sums : [])].map(([group, sum]) => ({
      peerId: group,
      sequence: this.window,
      timestamp: sum.timestamp,
      metrics: sum.metrics(group),
      // All of them may have moved since they reported.
      crowd: { points: sum.points, peers: sizes.get(group) ?? 1 }
    }))
    this.isWhole ||= this.sums.size > 0
    this.sums.clear()
    return points
  }
}

const lengthOf = ({ interval }: Metrics) => (interval ? interval.until - interval.from : WINDOW_MS)

class Sum {
  points = 0
  timestamp = 0
  readonly neighbours = new Set<string>()
  private readonly interval = { from: 0, until: 0 }
  private readonly kinds = MESSAGE_KINDS.map((kind) => ({
    kind,
    counts: { sent: 0, received: 0, duplicates: 0 },
    latency: new Histogram()
  }))
  private readonly wire = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  private readonly counts = { relayed: 0, expired: 0, sendErrors: 0 }
  private readonly connections = { open: 0, created: 0 }
  /** Whether any client reports them: otherwise they are unknown, not none. */
  private readonly has = { messages: false, ticks: false, links: false }
  private readonly silent = { silent: 0 }
  private readonly ticks = { count: 0, latenessP50: 0, latenessP95: 0, latenessMax: 0 }

  add(metrics: Metrics, timestamp: number): void {
    this.points++
    this.timestamp = timestamp
    addTo(this.interval, metrics.interval ?? { from: timestamp - WINDOW_MS, until: timestamp })
    for (const { kind, counts, latency } of this.kinds) {
      addTo(counts, metrics.messages?.[kind] ?? {})
      attempt(() => latency.addEncoded(metrics.messages?.[kind].latency ?? ''))
    }
    // As the page reads them: older clients send only the library's own statistics.
    addTo(this.wire, metrics.wire ?? metrics)
    this.has.messages ||= metrics.messages !== undefined
    this.has.ticks ||= metrics.ticks !== undefined
    this.has.links ||= (metrics.connections ?? metrics.connectedPeers) !== undefined
    addTo(this.connections, metrics.connections ?? { open: metrics.connectedPeers?.length ?? 0 })
    addTo(this.counts, metrics)
    addTo(this.silent, metrics.links ?? {})
    for (const name of Object.keys(this.ticks) as (keyof Sum['ticks'])[])
      this.ticks[name] = Math.max(this.ticks[name], metrics.ticks?.[name] ?? 0)
  }

  /** Covers the mean of the points' intervals. */
  metrics(group: string): Metrics {
    const messages = this.kinds.map(({ kind, counts, latency }) => [
      kind,
      { ...counts, latency: latency.encode() }
    ])
    return {
      group,
      interval: { from: this.interval.from / this.points, until: this.interval.until / this.points },
      ...(this.has.messages && { messages: Object.fromEntries(messages) as Metrics['messages'] }),
      wire: this.wire,
      ...this.counts,
      ...(this.has.ticks && { ticks: this.ticks }),
      ...(this.has.links && { connections: this.connections, connectedPeers: [...this.neighbours] }),
      links: { ...this.silent, roundTrip: '', sent: 0, received: 0, sentBytes: 0, buffered: 0 }
    }
  }
}
