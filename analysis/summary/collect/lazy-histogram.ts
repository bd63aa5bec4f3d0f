import { Histogram } from '../../../protocol/histogram'

/** Number of encoded parts to keep before merging them into one. */
const PARTS = 64

/**
 * A histogram that is merged only when it is read. A peer's intervals stand in for its final results, which
 * nearly always arrive. Until then the intervals' histograms stay encoded, which takes a fiftieth of the
 * memory and no work.
 */
export class LazyHistogram {
  private parts: string[] = []
  /** One of the parts that cannot be decoded, however many there are. */
  private unreadable: string | undefined

  /** Adds an encoded histogram. It is not validated until {@link addTo}. */
  add(encoded: string): void {
    if (encoded === '') return
    this.parts.push(encoded)
    if (this.parts.length >= PARTS) this.parts = [this.readable().encode()]
  }

  /** @throws RangeError if a part could not be decoded; all other parts have been added by then */
  addTo(histogram: Histogram): void {
    histogram.add(this.readable())
    if (this.unreadable !== undefined) histogram.addEncoded(this.unreadable)
  }

  get isEmpty(): boolean {
    return this.parts.length === 0 && this.unreadable === undefined
  }

  clear(): void {
    this.parts = []
    this.unreadable = undefined
  }

  private readable(): Histogram {
    const histogram = new Histogram()
    for (const part of this.parts) {
      try {
        histogram.addEncoded(part)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        this.unreadable = part
      }
    }
    return histogram
  }
}
