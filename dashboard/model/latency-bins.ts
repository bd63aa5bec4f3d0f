/** Latencies over time in bins that grow by 2^(1/32): for drawing, in bounded memory, accurate to 1.1%. */
import { sum } from '../../analysis/distribution'
import { BUCKETS, edgesOf, visitEncoded } from '../../protocol/histogram'

const PER_OCTAVE = 32
/** 2^28 µs is four and a half minutes. */
const OCTAVES = 28
export const BINS = PER_OCTAVE * OCTAVES

/** Adds a histogram of µs to the bins of a bucket and to `all`. Throws RangeError if the text is none. */
export function addEncoded(bins: Uint32Array, bucket: number, encoded: string, all: Float64Array): void {
  visitEncoded(encoded, (number, count) => {
    const bin = BIN_OF[number]!
    const at = bucket * BINS + bin
    bins[at] = bins[at]! + count
    all[bin] = all[bin]! + count
  })
}

/** By the middle of a histogram's bucket. A page looks up hundreds of thousands per second. */
const BIN_OF = Uint16Array.from({ length: BUCKETS }, (_, bucket) => {
  const [low, high] = edgesOf(bucket)
  return Math.min(BINS - 1, Math.floor(Math.log2(Math.max(1, (low + high) / 2)) * PER_OCTAVE))
})

/** Where a bin begins, in ms. */
export function binStart(bin: number): number {
  return 2 ** (bin / PER_OCTAVE) / 1000
}

/** The middle (ms) of the bin that holds each percentile; NaN if all bins are empty. */
export function percentilesOf(counts: Float64Array, percents: readonly number[]): number[] {
  const total = sum(counts)
  return percents.map((percent) => {
    const rank = Math.max(1, Math.ceil((percent / 100) * total))
    let seen = 0
    for (let bin = 0; bin < BINS; bin++) {
      seen += counts[bin]!
      if (seen >= rank) return binStart(bin + 0.5)
    }
    return NaN
  })
}
