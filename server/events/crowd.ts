/**
 * The data points of a large test, added up by group: a page could neither draw nor even parse those of
 * 10,000 peers. Groups hear only themselves, so a group is to a large test what a peer is to a small one.
 */
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS, type DataPoint, type Metrics } from '../../protocol/data-point'
import type { PointEvent } from '../../protocol/events'

/** The time over which points are added up: the interval at which clients submit by default. */
const WINDOW_MS = 2_000

export class Crowd {
  /** Each peer's group. */
  private readonly homes = new Map<string, string>()
  private readonly sizes = new Map<string, number>()
  private readonly sums = new Map<string, Sum>()
  private window = 0

  /** Adds a point. Returns the points of the window before, if this one begins another. */
  add({ peerId, timestamp, metrics }: DataPoint): PointEvent[] {
    const window = Math.floor(timestamp / WINDOW_MS)
    const ended = window > this.window ? this.take() : []
    this.window = Math.max(window, this.window)
    const group = metrics.group ?? metrics.clock?.id ?? 'all'
    if (!this.homes.has(peerId)) this.sizes.set(group, this.sizeOf(group) + 1)
    this.homes.set(peerId, group)
    let sum = this.sums.get(group)
    if (!sum) this.sums.set(group, (sum = new Sum()))
    sum.add(metrics, timestamp)
    for (const id of metrics.connectedPeers ?? []) {
      const other = this.homes.get(id)
      if (other !== undefined && other !== group) sum.neighbours.add(other)
    }
    return ended
  }

  private take(): PointEvent[] {
    const points = [...this.sums].map(([group, sum]) => ({
      peerId: group,
      sequence: this.window,
      timestamp: sum.timestamp,
      metrics: sum.metrics(group),
      crowd: { points: sum.points, peers: this.sizeOf(group) }
    }))
    this.sums.clear()
    return points
  }

  private sizeOf(group: string): number {
    return this.sizes.get(group) ?? 0
  }
}

/** The sum of a group's points. */
class Sum {
  points = 0
  timestamp = 0
  readonly neighbours = new Set<string>()
  private from = 0
  private until = 0
  private readonly kinds = MESSAGE_KINDS.map(() => ({
    sent: 0,
    received: 0,
    duplicates: 0,
    latency: new Histogram()
  }))
  private readonly wire = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  private readonly counts = { relayed: 0, expired: 0, sendErrors: 0 }
  private readonly ticks = { count: 0, latenessP50: 0, latenessP95: 0, latenessMax: 0 }
  private readonly links = { open: 0, created: 0, silent: 0 }

  add(metrics: Metrics, timestamp: number): void {
    const { interval, wire, ticks, connections, links } = metrics
    this.points++
    this.timestamp = timestamp
    this.from += interval?.from ?? timestamp - WINDOW_MS
    this.until += interval?.until ?? timestamp
    for (const [index, kind] of MESSAGE_KINDS.entries()) this.addKind(index, metrics.messages?.[kind])
    for (const name of ['sent', 'received', 'sentBytes', 'receivedBytes'] as const)
      this.wire[name] += wire?.[name] ?? metrics[name] ?? 0
    for (const name of ['relayed', 'expired', 'sendErrors'] as const) this.counts[name] += metrics[name] ?? 0
    for (const name of ['latenessP50', 'latenessP95', 'latenessMax'] as const)
      this.ticks[name] = Math.max(this.ticks[name], ticks?.[name] ?? 0)
    this.ticks.count += ticks?.count ?? 0
    this.links.open += connections?.open ?? metrics.connectedPeers?.length ?? 0
    this.links.created += connections?.created ?? 0
    this.links.silent += links?.silent ?? 0
  }

  /** Covers the mean of the points' intervals. */
  metrics(group: string): Metrics {
    const [position, profile, chat] = this.kinds.map((kind) => ({ ...kind, latency: kind.latency.encode() }))
    const { silent, ...connections } = this.links
    return {
      group,
      interval: { from: this.from / this.points, until: this.until / this.points },
      messages: { position: position!, profile: profile!, chat: chat! },
      wire: this.wire,
      ...this.counts,
      ticks: this.ticks,
      connections,
      connectedPeers: [...this.neighbours],
      links: { silent, roundTrip: '', sent: 0, received: 0, sentBytes: 0, buffered: 0 }
    }
  }

  private addKind(index: number, messages: NonNullable<Metrics['messages']>['chat'] | undefined): void {
    if (!messages) return
    const sum = this.kinds[index]!
    sum.sent += messages.sent
    sum.received += messages.received
    sum.duplicates += messages.duplicates
    try {
      sum.latency.addEncoded(messages.latency)
    } catch {
      // The text is validated as base64; its content is the client's.
    }
  }
}
