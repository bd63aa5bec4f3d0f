/**
 * Latencies over time: for each bucket of a grid, counts in bins that grow by 2^(1/32), so that a percentile is right to
 * within 1.1 %. The exact histograms stay in the results; these are for drawing, in memory that does not grow.
 */
import { BUCKETS, edgesOf, visitEncoded } from '../../protocol/histogram'
import type { TimeGrid } from './time-grid'

const PER_OCTAVE = 32
/** 2^28 µs is four and a half minutes. */
const OCTAVES = 28
export const BINS = PER_OCTAVE * OCTAVES

export class LatencyBins {
  private readonly counts: Uint32Array

  constructor(grid: TimeGrid) {
    this.counts = grid.counters(BINS)
  }

  /** Adds an encoded histogram of microseconds, to `sum` as well. Throws RangeError where the text is not one. */
  add(bucket: number, encoded: string, sum: Float64Array): void {
    visitEncoded(encoded, (number, count) => {
      const bin = BIN_OF[number]!
      const at = bucket * BINS + bin
      this.counts[at] = this.counts[at]! + count
      sum[bin] = sum[bin]! + count
    })
  }

  /** Adds the counts of the buckets from `first` to before `end` to `into`. */
  sumInto(into: Float64Array, first: number, end: number): void {
    for (let bucket = first; bucket < end; bucket++) {
      for (let bin = 0, at = bucket * BINS; bin < BINS; bin++, at++) into[bin] = into[bin]! + this.counts[at]!
    }
  }
}

/** The bin of the middle of each bucket of a histogram. A page adds up hundreds of thousands of buckets a second. */
const BIN_OF = Uint16Array.from({ length: BUCKETS }, (_, bucket) => {
  const [low, high] = edgesOf(bucket)
  return Math.min(BINS - 1, Math.floor(Math.log2(Math.max(1, (low + high) / 2)) * PER_OCTAVE))
})

/** Where a bin begins, in ms. */
export function binStart(bin: number): number {
  return 2 ** (bin / PER_OCTAVE) / 1000
}

/** For each percentage, the middle (ms) of the bin whose values that many do not exceed; NaN where all bins are empty. */
export function percentilesOf(counts: Float64Array, percents: readonly number[]): number[] {
  let total = 0
  for (const count of counts) total += count
  return percents.map((percent) => {
    const rank = Math.max(1, Math.ceil((percent / 100) * total))
    let seen = 0
    for (let bin = 0; total > 0 && bin < BINS; bin++) {
      seen += counts[bin]!
      if (seen >= rank) return binStart(bin + 0.5)
    }
    return NaN
  })
}
