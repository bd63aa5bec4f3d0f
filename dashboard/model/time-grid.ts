/**
 * Time in equal buckets, at most {@link CAPACITY} of them. When a test outgrows them, neighbours are merged
 * and every bucket becomes twice as wide. A page therefore needs the same memory after a minute and after a
 * week, and a chart never draws more points than it has pixels.
 */
export const CAPACITY = 1024

/** A week, the longest test, and as much again for late data, in ms. */
const LONGEST = 2 * 604_800_000

/** How to merge two neighbouring buckets. */
type Fold = 'sum' | 'max'

export class TimeGrid {
  private readonly columns: { values: Float32Array | Uint32Array; stride: number; fold: Fold }[] = []

  /** @param origin ms: where the first bucket starts. @param width ms: initial width of a bucket. */
  constructor(
    readonly origin: number,
    public width = 2000
  ) {}

  /** A column with one number per bucket. */
  column(fold: Fold): Float32Array {
    const values = new Float32Array(CAPACITY)
    this.columns.push({ values, stride: 1, fold })
    return values
  }

  /** A column of `stride` counters per bucket. */
  counters(stride: number): Uint32Array {
    const values = new Uint32Array(CAPACITY * stride)
    this.columns.push({ values, stride, fold: 'sum' })
    return values
  }

  /**
   * The bucket of a time (ms), or −1 before the origin and beyond any test: one broken clock must not squash
   * all others' charts. Widens the buckets if the time is beyond the last.
   */
  bucketOf(at: number): number {
    if (!(at >= this.origin && at <= this.origin + LONGEST)) return -1
    while (at >= this.origin + this.width * CAPACITY) this.widen()
    return Math.floor((at - this.origin) / this.width)
  }

  /** Start of a bucket, in ms. */
  startOf(bucket: number): number {
    return this.origin + bucket * this.width
  }

  /**
   * Calls `visit` for each bucket that [from, until] overlaps, with the share of the interval that falls into
   * it.
   */
  spread(from: number, until: number, visit: (bucket: number, share: number) => void): void {
    const begin = Math.max(from, this.origin)
    if (until < begin) return
    const last = this.bucketOf(until)
    const length = Math.max(until - from, 1e-3)
    for (let bucket = this.bucketOf(begin); bucket <= last; bucket++) {
      const overlap = Math.min(until, this.startOf(bucket + 1)) - Math.max(begin, this.startOf(bucket))
      if (overlap > 0) visit(bucket, overlap / length)
    }
  }

  private widen(): void {
    this.width *= 2
    for (const { values, stride, fold } of this.columns) halve(values, stride, fold)
  }
}

function halve(values: Float32Array | Uint32Array, stride: number, fold: Fold): void {
  for (let bucket = 0; bucket < CAPACITY / 2; bucket++) {
    for (let i = 0; i < stride; i++) {
      const left = values[2 * bucket * stride + i]!
      const right = values[(2 * bucket + 1) * stride + i]!
      values[bucket * stride + i] = fold === 'sum' ? left + right : Math.max(left, right)
    }
  }
  values.fill(0, (CAPACITY / 2) * stride)
}
