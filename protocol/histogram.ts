/**
 * A sparse HDR histogram: the buckets of HdrHistogram (http://hdrhistogram.org) with three significant
 * digits, kept in a map. A peer's interval has a few dozen values, while dense arrays have 20,000 counters.
 *
 * The tests use hdr-histogram-js as an oracle. It is not used here because the server merges millions of
 * small histograms: decoding and adding one with 20 values takes ~2 µs here and ~100 µs there.
 *
 * Buckets: values below 2048 are exact. Above, each power of two has 1024 buckets, so a bucket is never wider
 * than 1/1024 of its value.
 */
import { decodeVarints, encodeVarints } from './varints'

const EXACT = 2048
const PER_OCTAVE = 1024

/** The largest distinguishable value: 2^40 µs is 12 days. Larger values are counted as this one. */
const HIGHEST = 2 ** 40

export class Histogram {
  private readonly counts = new Map<number, number>()
  private total = 0

  get count(): number {
    return this.total
  }

  /** Counts a value in µs, rounded; a negative one as 0. Throws RangeError on NaN. */
  record(value: number): void {
    if (Number.isNaN(value)) throw new RangeError('NaN is not a value')
    this.addAt(bucketOf(Math.min(HIGHEST, Math.max(0, Math.round(value)))), 1)
  }

  add(other: Histogram): void {
    for (const [bucket, count] of other.counts) this.addAt(bucket, count)
  }

  /** Adds the counts of an encoded histogram. Throws RangeError if the text is not one. */
  addEncoded(text: string): void {
    visitEncoded(text, (bucket, count) => this.addAt(bucket, count))
  }

  /**
   * What `percent` % of the values (above 0, up to 100) do not exceed: the upper edge of its bucket, as
   * HdrHistogram defines it. NaN if there are none.
   */
  percentile(percent: number): number {
    return this.valueAtRank(Math.ceil((percent / 100) * this.total))
  }

  /** The `rank`-th lowest value, counted from 1: the upper edge of its bucket. NaN if fewer were recorded. */
  valueAtRank(rank: number): number {
    let seen = 0
    for (const [bucket, count] of this.ascending()) {
      seen += count
      if (seen >= rank) return upperEdge(bucket)
    }
    return NaN
  }

  /** The largest value (the upper edge of its bucket). NaN if nothing was recorded. */
  get max(): number {
    return this.percentile(100)
  }

  /** [lowest value of the bucket, highest value, count], ascending; only buckets with values. */
  *buckets(): Iterable<[number, number, number]> {
    for (const [bucket, count] of this.ascending()) yield [...edgesOf(bucket), count]
  }

  /** Base64 of varint pairs (distance from the previous bucket, count). The empty histogram is ''. */
  encode(): string {
    const numbers: number[] = []
    let previous = 0
    for (const [bucket, count] of this.ascending()) {
      numbers.push(bucket - previous, count)
      previous = bucket
    }
    return encodeVarints(numbers)
  }

  static decode(text: string): Histogram {
    const histogram = new Histogram()
    histogram.addEncoded(text)
    return histogram
  }

  private addAt(bucket: number, count: number): void {
    if (count === 0) return
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + count)
    this.total += count
  }

  private ascending(): [number, number][] {
    return [...this.counts].sort(([a], [b]) => a - b)
  }
}

/** Number of buckets: every bucket number is below this. */
export const BUCKETS = bucketOf(HIGHEST) + 1

export const edgesOf = (bucket: number): [number, number] => [lowerEdge(bucket), upperEdge(bucket)]

/** Calls `visit` for each bucket, ascending, without a histogram. Throws RangeError if the text is none. */
export function visitEncoded(text: string, visit: (bucket: number, count: number) => void): void {
  const numbers = decodeVarints(text)
  if (numbers.length % 2 !== 0) throw new RangeError('A bucket has no count')
  let bucket = 0
  for (let i = 0; i < numbers.length; i += 2) {
    bucket += numbers[i]!
    if (bucket >= BUCKETS) throw new RangeError('A bucket is out of range')
    visit(bucket, numbers[i + 1]!)
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value
  // Up to half an hour: the floating-point way below takes several times as long.
  if (value < 2 ** 31) {
    const octave = 21 - Math.clz32(value)
    return octave * PER_OCTAVE + (value >>> octave)
  }
  const octave = Math.floor(Math.log2(value)) - 10
  return octave * PER_OCTAVE + Math.floor(value / 2 ** octave)
}

function lowerEdge(bucket: number): number {
  if (bucket < EXACT) return bucket
  const octave = Math.floor(bucket / PER_OCTAVE) - 1
  return (bucket - octave * PER_OCTAVE) * 2 ** octave
}

const upperEdge = (bucket: number) => lowerEdge(bucket + 1) - 1
