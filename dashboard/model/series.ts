/** What the charts draw: numbers per bucket of time, made from a model's columns. */
import { BINS, percentilesOf } from './latency-bins'
import { MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { PeerColumns, TotalColumns } from './columns'
import type { RunnerRecord, TestModel, Timeline } from './test-model'
import { CAPACITY } from './time-grid'

/** A value per bucket; null where there is none, which leaves a gap. */
export type Line = (number | null)[]

export interface Series {
  /** Seconds since the test's start: the middle of each bucket. */
  x: number[]
  lines: Line[]
}

export type KindChoice = MessageKind | 'all'

/** Messages are rare next to buckets: delivery is taken over this many seconds. */
const DELIVERY_WINDOW = 20

/**
 * How many buckets are complete at `until` (ms). While a test runs, the last reports are still to come: without waiting
 * for them every line would end in a fall.
 */
export function completeBuckets(model: TestModel, until = Infinity): number {
  if (model.timeline === undefined) return 0
  const { grid } = model.timeline
  const whole = model.state?.finished === true || Number.isFinite(until)
  const end = Math.min(until, whole ? model.latest : model.latest - 1.5 * model.interval)
  return Math.max(0, Math.min(CAPACITY, Math.ceil((end - grid.origin) / grid.width - (whole ? 0.01 : 0.99))))
}

/** A line per function, of the first `count` buckets. */
export function series(
  timeline: Timeline,
  count: number,
  values: ((bucket: number) => number | null)[]
): Series {
  const { width } = timeline.grid
  const buckets = Array.from({ length: count }, (_, bucket) => bucket)
  return {
    x: buckets.map((bucket) => ((bucket + 0.5) * width) / 1000),
    lines: values.map((value) => buckets.map((bucket) => finite(value(bucket))))
  }
}

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null)

/** Per second. Where reports cover a part of the bucket only, as at the test's ends, per second of that part. */
export const perSecond =
  ({ coverage }: TotalColumns, ...columns: Float32Array[]) =>
  (bucket: number) => {
    let sum = 0
    for (const column of columns) sum += column[bucket]!
    return (sum / coverage[bucket]!) * 1000
  }

/** The same of one peer, whose presence is what its own reports cover. */
export const peerPerSecond =
  ({ presence }: PeerColumns, column: Float32Array) =>
  (bucket: number) =>
    (column[bucket]! / presence[bucket]!) * 1000

/** Peers that report. */
export const peersReporting =
  ({ presence, coverage }: TotalColumns) =>
  (bucket: number) =>
    presence[bucket]! / coverage[bucket]!

/** Open connections of a peer, on average. */
export const linksPerPeer =
  ({ links, presence }: Pick<TotalColumns, 'links' | 'presence'>) =>
  (bucket: number) =>
    links[bucket]! / presence[bucket]!

/**
 * Received ÷ owed, over the last {@link DELIVERY_WINDOW} seconds. A sender's and a receiver's reports do not cover the
 * same instants, so this is an estimate, good to a part of a percent; the summary counts exactly.
 */
export const deliveryOf =
  ({ totals, grid }: Timeline, kind: MessageKind) =>
  (bucket: number) => {
    const first = Math.max(0, bucket + 1 - Math.ceil((DELIVERY_WINDOW * 1000) / grid.width))
    return deliveryBetween(totals, kind, first, bucket + 1)
  }

/** Received ÷ owed in the buckets from `first` to before `end`; null where nothing is owed. */
export function deliveryBetween(
  totals: TotalColumns,
  kind: KindChoice,
  first: number,
  end: number
): number | null {
  let received = 0
  let owed = 0
  for (const each of kind === 'all' ? MESSAGE_KINDS : [kind]) {
    for (let bucket = first; bucket < end; bucket++) {
      received += totals[`received.${each}`][bucket]!
      const coverage = totals.coverage[bucket]!
      if (coverage === 0) continue
      owed += totals[`sent.${each}`][bucket]! * (totals.presence[bucket]! / coverage - 1)
    }
  }
  // What one report counts as sent may be counted as received by another a moment earlier: so much more than 1 is chance.
  return owed > 0 ? Math.min(1, Math.round((received / owed) * 1e5) / 1e5) : null
}

/** Percentiles (ms) of each bucket's latencies, a function per percentile. */
export function latencyPercentiles(
  timeline: Timeline,
  kind: KindChoice,
  count: number,
  percents: number[]
): ((bucket: number) => number)[] {
  const counts = new Float64Array(BINS)
  const rows = Array.from({ length: count }, (_, bucket) => {
    counts.fill(0)
    sumLatencies(timeline, kind, counts, bucket, bucket + 1)
    return percentilesOf(counts, percents)
  })
  return percents.map((_, i) => (bucket) => rows[bucket]![i]!)
}

/** Latencies of the buckets from `first` to before `end`, by bin. */
export function latencyCounts(
  timeline: Timeline,
  kind: KindChoice,
  first: number,
  end: number
): Float64Array<ArrayBuffer> {
  const counts = new Float64Array(BINS)
  sumLatencies(timeline, kind, counts, first, end)
  return counts
}

function sumLatencies(
  { latency }: Timeline,
  kind: KindChoice,
  into: Float64Array,
  first: number,
  end: number
): void {
  for (const each of kind === 'all' ? MESSAGE_KINDS : [kind]) latency[each].sumInto(into, first, end)
}

/** Share of a runner's cores that was busy, 0 to 1. */
export const cpuOf =
  ({ columns }: RunnerRecord) =>
  (bucket: number) =>
    columns === undefined ? null : columns.cpu[bucket]! / columns.coverage[bucket]!

/** The first bucket of the measured time, after the warm-up. */
export function firstMeasured({ state, timeline }: TestModel): number {
  if (state?.startsAt === undefined || timeline === undefined) return 0
  const from = state.startsAt + state.warmup * 1000
  return Math.max(0, Math.ceil((from - timeline.grid.origin) / timeline.grid.width))
}
