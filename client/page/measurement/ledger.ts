/**
 * What one peer sent and received, message by message. A message's identity is (sender, kind, time): the
 * first arrival counts as received, every later one as a duplicate. The libraries' own counts miss copies of
 * their unreliable messages.
 */
import { Histogram } from '../../../protocol/histogram'
import { LATE_MS, MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import { SeenTimes } from './seen-times'

/** Instants in ms since 1970, by the results server's clock. */
export interface Schedule {
  /** Messages sent earlier are not recorded: they only kept the mesh alive. */
  recordFrom: number
  /** What the final results cover: messages sent in [from, until). */
  measured: { from: number; until: number }
}

export interface KindCounts {
  sent: number
  received: number
  duplicates: number
  /** µs from the sender's clock to the receiver's, both corrected; first arrivals only. */
  latency: Histogram
  /** The same, but measured from when the message was due. */
  latencyFromDue: Histogram
  /** Messages that were due but never sent: skipped after a standstill, or refused by the library. */
  unsent: number
  /** First arrivals that, by the clocks, precede their sending; the histogram counts them as 0. */
  negativeLatencies: number
  /** First arrivals more than LATE_MS after sending. */
  late: number
}

export class Counts {
  readonly kinds: Record<MessageKind, KindCounts> = forEachKind(() => ({
    sent: 0,
    received: 0,
    duplicates: 0,
    latency: new Histogram(),
    latencyFromDue: new Histogram(),
    unsent: 0,
    negativeLatencies: 0,
    late: 0
  }))
  /** First arrivals by the number of relays in between; empty if the build does not report it. */
  readonly hops: number[] = []
  sendErrors = 0
}

/**
 * [position received, position duplicates, profile received, profile duplicates, chat received, chat
 * duplicates]
 */
export type Heard = [number, number, number, number, number, number]

/** A packet's `ttl` of 10 limits the relays; a forged packet must not fill memory. */
const MAX_RELAYS = 31

export class Ledger {
  /** Deliveries that do not count, since recording began: a peer's own messages, and altered ones. */
  readonly integrity = { echoes: 0, altered: 0 }
  /** Since the start of the routine, by time of arrival. */
  readonly total = { sent: 0, received: 0, duplicates: 0 }
  /** µs; all first arrivals up to the last cut. */
  readonly latency = new Histogram()
  /** Counts for the measured part, by time of sending. */
  readonly measured = new Counts()
  readonly sentTimes: Record<MessageKind, number[]> = forEachKind(() => [])
  readonly heard = new Map<string, Heard>()
  /** Received since the start, by sender. */
  readonly receivedFrom = new Map<string, number>()

  private interval = new Counts()
  private readonly seen = new Map<string, Record<MessageKind, SeenTimes>>()
  private schedule: Schedule | undefined

  /** Starts recording. */
  begin(schedule: Schedule): void {
    this.schedule = schedule
  }

  sent(kind: MessageKind, time: number): void {
    if (!this.isRecorded(time)) return
    this.total.sent++
    this.interval.kinds[kind].sent++
    if (!this.isMeasured(time)) return
    this.measured.kinds[kind].sent++
    this.sentTimes[kind].push(time)
  }

  sendFailed(kind: MessageKind, time: number): void {
    if (!this.isRecorded(time)) return
    this.interval.sendErrors++
    if (this.isMeasured(time)) this.measured.sendErrors++
    this.skipped(kind, time)
  }

  /** Records that a message due at `time` was never sent. */
  skipped(kind: MessageKind, time: number): void {
    if (!this.isRecorded(time)) return
    this.interval.kinds[kind].unsent++
    if (this.isMeasured(time)) this.measured.kinds[kind].unsent++
  }

  /** Records that the library handed the peer a message of its own. */
  echoed(): void {
    if (this.schedule) this.integrity.echoes++
  }

  /** Records that the library handed over something that its sender did not send. */
  altered(): void {
    if (this.schedule) this.integrity.altered++
  }

  /**
   * `time` is what the message says, `arrival` is by the corrected clock, both in ms. `relays` is given if
   * known. `lateness` is the ms from when the message was due to `time`.
   */
  received(
    sender: string,
    kind: MessageKind,
    time: number,
    arrival: number,
    relays: number | undefined,
    lateness = 0
  ): void {
    if (!this.isRecorded(time)) return
    const isFirst = this.seenFrom(sender)[kind].add(time)
    const isMeasured = this.isMeasured(time)
    if (isFirst) {
      this.total.received++
      this.receivedFrom.set(sender, (this.receivedFrom.get(sender) ?? 0) + 1)
      const arrived = { latency: arrival - time, lateness, relays }
      countArrival(this.interval, kind, arrived)
      if (isMeasured) countArrival(this.measured, kind, arrived)
    } else {
      this.total.duplicates++
      this.interval.kinds[kind].duplicates++
      if (isMeasured) this.measured.kinds[kind].duplicates++
    }
    if (isMeasured) this.heardFrom(sender)[2 * MESSAGE_KINDS.indexOf(kind) + (isFirst ? 0 : 1)]!++
  }

  /** Returns what was counted since the last cut. */
  cutInterval(): Counts {
    const interval = this.interval
    this.interval = new Counts()
    for (const { latency } of Object.values(interval.kinds)) this.latency.add(latency)
    return interval
  }

  private isRecorded(time: number): boolean {
    return this.schedule !== undefined && time >= this.schedule.recordFrom
  }

  private isMeasured(time: number): boolean {
    const { from, until } = this.schedule!.measured
    return time >= from && time < until
  }

  private seenFrom(sender: string): Record<MessageKind, SeenTimes> {
    let seen = this.seen.get(sender)
    if (!seen) this.seen.set(sender, (seen = forEachKind(() => new SeenTimes())))
    return seen
  }

  private heardFrom(sender: string): Heard {
    let heard = this.heard.get(sender)
    if (!heard) this.heard.set(sender, (heard = [0, 0, 0, 0, 0, 0]))
    return heard
  }
}

function countArrival(
  counts: Counts,
  kind: MessageKind,
  { latency, lateness, relays }: { latency: number; lateness: number; relays: number | undefined }
): void {
  const kindCounts = counts.kinds[kind]
  kindCounts.received++
  kindCounts.latency.record(latency * 1000)
  kindCounts.latencyFromDue.record((latency + lateness) * 1000)
  if (latency < 0) kindCounts.negativeLatencies++
  if (latency > LATE_MS) kindCounts.late++
  if (relays === undefined) return
  const index = Math.min(Math.max(0, relays), MAX_RELAYS)
  while (counts.hops.length <= index) counts.hops.push(0)
  counts.hops[index]!++
}

export function forEachKind<T>(make: (kind: MessageKind) => T): Record<MessageKind, T> {
  return { position: make('position'), profile: make('profile'), chat: make('chat') }
}
