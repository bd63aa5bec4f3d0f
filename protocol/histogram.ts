/**
 * A sparse HDR histogram: the buckets of HdrHistogram (http://hdrhistogram.org) at three significant digits, kept in a
 * map, because a peer's interval holds some tens of values where the dense arrays hold 20,000 counters.
 *
 * hdr-histogram-js is the oracle of the tests. It is not used here because the server merges millions of small histograms:
 * decoding and adding one of 20 values takes ~2 µs here and ~100 µs there.
 *
 * Buckets: values below 2048 are exact; above, each power of two holds 1024 buckets, so that a bucket is never wider than
 * 1/1024 of its value.
 */
import { decodeVarints, encodeVarints } from './varints'

const EXACT = 2048
const PER_OCTAVE = 1024

/** The greatest value that is told apart: 2^40 µs is 12 days. Greater ones are counted as this. */
const HIGHEST = 2 ** 40

export class Histogram {
  private readonly counts = new Map<number, number>()
  private total = 0

  /** How many values were recorded. */
  get count(): number {
    return this.total
  }

  /** Counts one value, in microseconds; rounded to whole ones. Negative ones count as 0. Throws RangeError on NaN. */
  record(value: number): void {
    if (Number.isNaN(value)) throw new RangeError('NaN is no value')
    this.addAt(bucketOf(Math.min(HIGHEST, Math.max(0, Math.round(value)))), 1)
  }

  /** Adds all that `other` has counted. */
  add(other: Histogram): void {
    for (const [bucket, count] of other.counts) this.addAt(bucket, count)
  }

  /** Adds all that an encoded histogram has counted. Throws RangeError where it is not one. */
  addEncoded(text: string): void {
    visitEncoded(text, (bucket, count) => {
      this.addAt(bucket, count)
    })
  }

  /** Forgets all values. */
  reset(): void {
    this.counts.clear()
    this.total = 0
  }

  /**
   * The value that `percent` % (above 0, to 100) of the values do not exceed: the upper edge of its bucket, as HdrHistogram defines it.
   * 0 gives the lowest value's lower edge. NaN where nothing was recorded.
   */
  percentile(percent: number): number {
    if (this.total === 0) return NaN
    const rank = Math.max(1, Math.ceil((percent / 100) * this.total))
    let seen = 0
    for (const [bucket, count] of this.ascending()) {
      seen += count
      if (seen >= rank) return percent === 0 ? lowerEdge(bucket) : upperEdge(bucket)
    }
    return NaN
  }

  /** The greatest value (the upper edge of its bucket). NaN where nothing was recorded. */
  get max(): number {
    return this.percentile(100)
  }

  /** [lowest value of the bucket, highest value, count], ascending; only buckets with values. */
  *buckets(): Iterable<[number, number, number]> {
    for (const [bucket, count] of this.ascending()) yield [lowerEdge(bucket), upperEdge(bucket), count]
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

/** Numbers of buckets are below this. */
export const BUCKETS = bucketOf(HIGHEST) + 1

/** The lowest and the highest value of a bucket. */
export function edgesOf(bucket: number): [number, number] {
  return [lowerEdge(bucket), upperEdge(bucket)]
}

/**
 * Calls `visit` with the number and the count of each bucket of an encoded histogram, ascending, without making a
 * histogram: for whoever counts otherwise, such as charts. Throws RangeError where the text is not one.
 */
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
  const octave = Math.floor(Math.log2(value)) - 10
  return octave * PER_OCTAVE + Math.floor(value / 2 ** octave)
}

function lowerEdge(bucket: number): number {
  if (bucket < EXACT) return bucket
  const octave = Math.floor(bucket / PER_OCTAVE) - 1
  return (bucket - octave * PER_OCTAVE) * 2 ** octave
}

function upperEdge(bucket: number): number {
  return lowerEdge(bucket + 1) - 1
}
