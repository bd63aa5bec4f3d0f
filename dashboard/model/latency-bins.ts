/**
 * Latencies over time. Each time bucket has counts in bins that grow by 2^(1/32), so a percentile is accurate
 * to within 1.1%. These bins are for drawing, in bounded memory; the exact histograms stay in the results.
 */
import { BUCKETS, edgesOf, visitEncoded } from '../../protocol/histogram'

const PER_OCTAVE = 32
/** 2^28 µs is four and a half minutes. */
const OCTAVES = 28
export const BINS = PER_OCTAVE * OCTAVES

/**
 * Adds an encoded histogram of microseconds to the bins of a bucket and to `sum`. Throws RangeError if the
 * text is not a histogram.
 */
export function addEncoded(bins: Uint32Array, bucket: number, encoded: string, sum: Float64Array): void {
  visitEncoded(encoded, (number, count) => {
    const bin = BIN_OF[number]!
    const at = bucket * BINS + bin
    bins[at] = bins[at]! + count
    sum[bin] = sum[bin]! + count
  })
}

/**
 * The bin for the middle of each histogram bucket. Precomputed, because a page adds up hundreds of thousands
 * of buckets per second.
 */
const BIN_OF = Uint16Array.from({ length: BUCKETS }, (_, bucket) => {
  const [low, high] = edgesOf(bucket)
  return Math.min(BINS - 1, Math.floor(Math.log2(Math.max(1, (low + high) / 2)) * PER_OCTAVE))
})

/** Where a bin begins, in ms. */
export function binStart(bin: number): number {
  return 2 ** (bin / PER_OCTAVE) / 1000
}

/**
 * For each percentage, the middle (ms) of the bin that contains this percentile; NaN if all bins are empty.
 */
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
