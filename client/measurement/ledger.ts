/**
 * What one peer sent and received. (sender, kind, time) identifies a message: its first arrival counts as
 * received, every later one as a duplicate. The libraries' own counts miss copies of unreliable messages.
 */
import { Histogram } from '../../protocol/histogram'
import { forEachKind, LATE_MS, MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import { SeenTimes } from './seen-times'

/** Instants in ms since 1970, by the results server's clock. */
export interface Schedule {
  /** Messages sent earlier are not recorded: they only kept the mesh alive. */
  recordFrom: number
  /** What the final results cover: messages sent in [from, until). */
  measured: { from: number; until: number }
}

const noCounts = () => ({
  sent: 0,
  received: 0,
  duplicates: 0,
  /** µs from the sender's clock to the receiver's, both corrected; first arrivals only. */
  latency: new Histogram(),
  /** The same, but measured from when the message was due. */
  latencyFromDue: new Histogram(),
  /** Messages that were due but never sent: skipped after a standstill, or refused by the library. */
  unsent: 0,
  /** First arrivals that, by the clocks, precede their sending; the histogram counts them as 0. */
  negativeLatencies: 0,
  /** First arrivals more than LATE_MS after sending. */
  late: 0
})

export class Counts {
  readonly kinds = forEachKind(noCounts)
  /** First arrivals by the number of relays in between; empty if the build does not report it. */
  readonly hops: number[] = []
  sendErrors = 0

  add(other: Counts): void {
    for (const kind of MESSAGE_KINDS) {
      const { latency, latencyFromDue, ...counts } = other.kinds[kind]
      const own = this.kinds[kind]
      own.latency.add(latency)
      own.latencyFromDue.add(latencyFromDue)
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) own[name] += counts[name]
    }
    other.hops.forEach((count, relays) => (this.hops[relays] = (this.hops[relays] ?? 0) + count))
    this.sendErrors += other.sendErrors
  }
}

/** A packet's `ttl` of 10 limits the relays; a forged packet must not fill memory. */
const MAX_RELAYS = 31

interface Sender {
  readonly seen: Record<MessageKind, SeenTimes>
  readonly heard: PeerResults['heard'][string]
  received: number
}

export class Ledger {
  /** Deliveries that do not count, since recording began: a peer's own messages, and altered ones. */
  readonly integrity = { echoes: 0, altered: 0 }
  /** Since the start of the routine, by time of arrival. */
  readonly total = { sent: 0, received: 0, duplicates: 0 }
  /** µs; all first arrivals up to the last cut. */
  readonly latency = new Histogram()
  readonly sentTimes: Record<MessageKind, number[]> = forEachKind(() => [])

  /** For the interval: of messages sent in the measured part, and of the others. Each message counts once. */
  private interval = { measured: new Counts(), other: new Counts() }
  private readonly measuredBefore = new Counts()
  private readonly senders = new Map<string, Sender>()
  private schedule: Schedule | undefined

  begin(schedule: Schedule): void {
    this.schedule = schedule
  }

  sent(kind: MessageKind, time: number): void {
    if (!this.isRecorded(time)) return
    this.total.sent++
    this.countsOf(time).kinds[kind].sent++
    if (this.isMeasured(time)) this.sentTimes[kind].push(time)
  }

  sendFailed(kind: MessageKind, time: number): void {
    if (!this.isRecorded(time)) return
    this.countsOf(time).sendErrors++
    this.skipped(kind, time)
  }

  /** Records that a message due at `time` was never sent. */
  skipped(kind: MessageKind, time: number): void {
    if (this.isRecorded(time)) this.countsOf(time).kinds[kind].unsent++
  }

  wrong(delivery: 'echoes' | 'altered'): void {
    if (this.schedule) this.integrity[delivery]++
  }

  /** `time` is in the message, `lateness` ms after it was due; `arrival` is by the corrected clock, in ms. */
  received(
    sender: string,
    kind: MessageKind,
    time: number,
    arrival: number,
    relays: number | undefined,
    lateness = 0
  ): void {
    if (!this.isRecorded(time)) return
    let from = this.senders.get(sender)
    if (!from) {
      from = { seen: forEachKind(() => new SeenTimes()), heard: [0, 0, 0, 0, 0, 0], received: 0 }
      this.senders.set(sender, from)
    }
    const isFirst = from.seen[kind].add(time)
    const { kinds, hops } = this.countsOf(time)
    const counts = kinds[kind]
    if (isFirst) {
      const latency = arrival - time
      this.total.received++
      from.received++
      counts.received++
      counts.latency.record(latency * 1000)
      counts.latencyFromDue.record((latency + lateness) * 1000)
      if (latency < 0) counts.negativeLatencies++
      if (latency > LATE_MS) counts.late++
      if (relays !== undefined) countHop(hops, relays)
    } else {
      this.total.duplicates++
      counts.duplicates++
    }
    if (this.isMeasured(time)) from.heard[2 * MESSAGE_KINDS.indexOf(kind) + (isFirst ? 0 : 1)]!++
  }

  cutInterval(): Counts {
    const { measured: interval, other } = this.interval
    this.interval = { measured: new Counts(), other: new Counts() }
    this.measuredBefore.add(interval)
    interval.add(other)
    for (const { latency } of Object.values(interval.kinds)) this.latency.add(latency)
    return interval
  }

  /** Counts for the measured part, by time of sending. */
  get measured(): Counts {
    const counts = new Counts()
    counts.add(this.measuredBefore)
    counts.add(this.interval.measured)
    return counts
  }

  /** What came of the measured part, by sender. */
  get heard(): [sender: string, heard: Sender['heard']][] {
    return [...this.senders].flatMap(([sender, { heard }]) =>
      heard.some((count) => count > 0) ? [[sender, heard]] : []
    )
  }

  receivedFrom(sender: string): number {
    return this.senders.get(sender)?.received ?? 0
  }

  private isRecorded(time: number): boolean {
    return this.schedule !== undefined && time >= this.schedule.recordFrom
  }

  private isMeasured(time: number): boolean {
    const { from, until } = this.schedule!.measured
    return time >= from && time < until
  }

  private countsOf(time: number): Counts {
    return this.isMeasured(time) ? this.interval.measured : this.interval.other
  }
}

function countHop(hops: number[], relays: number): void {
  const index = Math.min(Math.max(0, relays), MAX_RELAYS)
  while (hops.length <= index) hops.push(0)
  hops[index]!++
}
