import { Histogram } from '../../../protocol/histogram'

/** Number of encoded parts to keep before merging them into one. */
const PARTS = 64

/** Kept encoded until read, in a fiftieth of the memory: final results nearly always replace it unread. */
export class LazyHistogram {
  private parts: string[] = []
  /** Whether one of the parts that were merged so far could not be decoded. */
  isUnreadable = false

  /** Adds an encoded histogram. It is not validated until it is {@link merged}. */
  add(encoded = ''): void {
    if (encoded === '') return
    this.parts.push(encoded)
    if (this.parts.length >= PARTS) this.parts = [this.merged().encode()]
  }

  get isEmpty(): boolean {
    return this.parts.length === 0
  }

  reset(encoded?: string): void {
    this.parts = []
    this.isUnreadable = false
    this.add(encoded)
  }

  /** All parts that can be decoded, added to `histogram`. */
  merged(histogram = new Histogram()): Histogram {
    for (const part of this.parts) if (!merge(histogram, part)) this.isUnreadable = true
    return histogram
  }
}

/** Adds an encoded histogram; false if it cannot be decoded. */
export function merge(histogram: Histogram, encoded: string): boolean {
  try {
    histogram.addEncoded(encoded)
    return true
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return false
  }
}
