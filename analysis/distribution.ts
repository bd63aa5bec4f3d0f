import type { Histogram } from '../protocol/histogram'
import type { Distribution, LatencyDistribution, OwedLatency } from '../protocol/summary'

function distributionAt(count: number, at: (percent: number) => number): Distribution {
  return count === 0 ? null : { count, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

/** Percentiles by nearest rank (Hyndman & Fan 1996, definition 1), in the values' own unit. */
export function distributionOf(values: Iterable<number>): Distribution {
  const sorted = Float64Array.from(values).sort()
  return distributionAt(sorted.length, (percent) => sorted[Math.ceil((percent / 100) * sorted.length) - 1]!)
}

/** Percentiles, in ms, of a histogram of microseconds. Null if the histogram is empty. */
export function millisecondsOf(histogram: Histogram): Distribution {
  return distributionAt(histogram.count, (percent) => histogram.percentile(percent) / 1000)
}

/** How many messages a percentile needs, so that at least one is expected beyond it. */
export const LEAST_COUNTS = { p50: 2, p95: 20, p99: 100 } as const
const PERCENTS = { p50: 50, p95: 95, p99: 99 } as const
export type LatencyPercentile = keyof typeof LEAST_COUNTS

/** First arrivals, from µs to ms. Null if there are none; a percentile is null if there are too few. */
export function latencyOf(histogram: Histogram): LatencyDistribution {
  if (histogram.count === 0) return null
  return { count: histogram.count, ...percentilesOf(histogram, histogram.count), max: histogram.max / 1000 }
}

/**
 * Over all messages owed: those that did not arrive rank last. From µs to ms; null if none was owed, and a
 * percentile is null if too few arrived to reach it, or if too few were owed.
 */
export function owedLatencyOf(arrived: Histogram, owed: number): OwedLatency {
  // The number owed is an estimate if a peer left no final results; slightly more messages may then arrive.
  const count = Math.max(Math.round(owed), arrived.count)
  if (count === 0) return null
  const never = count - arrived.count
  return { count, never, ...percentilesOf(arrived, count), max: never > 0 ? null : arrived.max / 1000 }
}

/** In ms, of `count` messages of which these arrived. */
function percentilesOf(arrived: Histogram, count: number) {
  const at = (name: LatencyPercentile) => {
    const rank = Math.ceil((PERCENTS[name] / 100) * count)
    return count < LEAST_COUNTS[name] || rank > arrived.count ? null : arrived.valueAtRank(rank) / 1000
  }
  return { p50: at('p50'), p95: at('p95'), p99: at('p99') }
}

/** In ms, over the messages owed: Infinity if it is not reached, null if there are too few messages. */
export function owedPercentile(latency: OwedLatency, name: LatencyPercentile | 'max'): number | null {
  if (latency === null) return null
  if (name !== 'max' && latency.count < LEAST_COUNTS[name]) return null
  return latency[name] ?? Infinity
}

/** Percentiles of values given as counts: `counts[v]` is how often the value v occurs. */
export function distributionOfCounts(counts: readonly number[]): Distribution {
  const count = sum(counts)
  return distributionAt(count, (percent) => {
    let seen = 0
    return counts.findIndex((each) => (seen += each) >= Math.ceil((percent / 100) * count))
  })
}

export function ratio(numerator: number, denominator: number): number | null {
  return denominator > 0 ? numerator / denominator : null
}

/** Adds the counts of the same names. Other counts are ignored, and a missing one is 0. */
export function addTo<Name extends string>(
  totals: Record<Name, number>,
  counts: Readonly<Partial<Record<NoInfer<Name>, number | undefined>>>
): void {
  for (const name of Object.keys(totals) as Name[]) totals[name] += counts[name] ?? 0
}

export function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
