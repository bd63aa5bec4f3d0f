/** From values or histograms to the percentiles that a summary shows. */
import type { Histogram } from '../protocol/histogram'
import type { Distribution } from '../protocol/summary'

/**
 * Percentiles of exact values, in their own unit, by nearest rank (Hyndman & Fan 1996, definition 1): the smallest value
 * that at least p % of the values do not exceed. Null where there are none.
 */
export function distributionOf(values: Iterable<number>): Distribution {
  const sorted = Float64Array.from(values).sort()
  const count = sorted.length
  if (count === 0) return null
  const rank = (percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * count) - 1)]!
  return { count, p50: rank(50), p95: rank(95), p99: rank(99), max: sorted[count - 1]! }
}

/** Percentiles of a histogram of microseconds, in ms. Null where it is empty. */
export function millisecondsOf(histogram: Histogram): Distribution {
  return fromHistogram(histogram, 1000)
}

/** Percentiles of a histogram whose values are `scale` times the unit that is shown. Null where it is empty. */
export function fromHistogram(histogram: Histogram, scale: number): Distribution {
  if (histogram.count === 0) return null
  const at = (percent: number) => histogram.percentile(percent) / scale
  return { count: histogram.count, p50: at(50), p95: at(95), p99: at(99), max: at(100) }
}

/** Percentiles of values that are given by how often each occurs: `counts[v]` is the number of values v. */
export function distributionOfCounts(counts: readonly number[]): Distribution {
  const count = counts.reduce((sum, each) => sum + each, 0)
  if (count === 0) return null
  const at = (percent: number) => {
    const rank = Math.max(1, Math.ceil((percent / 100) * count))
    let seen = 0
    return counts.findIndex((each) => (seen += each) >= rank)
  }
  return { count, p50: at(50), p95: at(95), p99: at(99), max: counts.findLastIndex((each) => each > 0) }
}

export function ratio(numerator: number, denominator: number): number | null {
  return denominator > 0 ? numerator / denominator : null
}

export function sum(values: Iterable<number>): number {
  let total = 0
  for (const value of values) total += value
  return total
}
