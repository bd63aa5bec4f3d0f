/**
 * Time in at most so many equal buckets. When a test outgrows them, neighbours are merged, and each is twice
 * as wide: a page needs the same memory after a week, and a chart draws no more points than it has pixels.
 */
export const CAPACITY = 1024

/** A week, the longest test of earlier versions, and as much again for late data, in ms. */
const LONGEST = 2 * 604_800_000

export class TimeGrid {
  /** Of each bucket, in ms. */
  width = 2000
  private readonly columns: Column[] = []

  /** @param origin ms: where the first bucket starts */
  constructor(readonly origin: number) {}

  column(fold: Column['fold'] = 'sum'): Float32Array {
    const values = new Float32Array(CAPACITY)
    this.columns.push({ values, stride: 1, fold })
    return values
  }

  /** So many counters per bucket. */
  counters(stride: number): Uint32Array {
    const values = new Uint32Array(CAPACITY * stride)
    this.columns.push({ values, stride, fold: 'sum' })
    return values
  }

  /**
   * The bucket of a time (ms); widens all if it is beyond the last. −1 before the origin and beyond any test:
   * one broken clock must not squash all others' charts.
   */
  bucketOf(at: number): number {
    if (!(at >= this.origin && at <= this.origin + LONGEST)) return -1
    while (at >= this.startOf(CAPACITY)) {
      this.width *= 2
      this.columns.forEach(halve)
    }
    return Math.floor((at - this.origin) / this.width)
  }

  /** Start of a bucket, in ms. */
  startOf(bucket: number): number {
    return this.origin + bucket * this.width
  }

  /** Visits each bucket that the interval overlaps, with the share of the interval that falls into it. */
  spread(from: number, until: number, visit: (bucket: number, share: number) => void): void {
    const begin = Math.max(from, this.origin)
    const last = this.bucketOf(until)
    for (let bucket = this.bucketOf(begin); bucket <= last; bucket++) {
      const overlap = Math.min(until, this.startOf(bucket + 1)) - Math.max(begin, this.startOf(bucket))
      if (overlap > 0) visit(bucket, overlap / (until - from))
    }
  }
}

interface Column {
  values: Float32Array | Uint32Array
  stride: number
  /** How to merge two neighbouring buckets. */
  fold: 'sum' | 'max'
}

function halve({ values, stride, fold }: Column): void {
  for (let bucket = 0; bucket < CAPACITY / 2; bucket++) {
    for (let i = 0; i < stride; i++) {
      const left = values[2 * bucket * stride + i]!
      const right = values[(2 * bucket + 1) * stride + i]!
      values[bucket * stride + i] = fold === 'sum' ? left + right : Math.max(left, right)
    }
  }
  values.fill(0, (CAPACITY / 2) * stride)
}
