import { Histogram } from '../../protocol/histogram'

/** So many encoded parts are kept before they are merged into one. */
const PARTS = 64

/**
 * A histogram that is merged only when somebody asks. A peer's intervals stand in for its final account, which nearly always
 * comes: until then their histograms stay encoded, a fiftieth of the memory and no work.
 */
export class LazyHistogram {
  private parts: string[] = []
  /** One part that cannot be decoded, of however many. */
  private unreadable: string | undefined

  /** Adds an encoded histogram; whether it is one, {@link addTo} will tell. */
  add(encoded: string): void {
    if (encoded === '') return
    this.parts.push(encoded)
    if (this.parts.length >= PARTS) this.parts = [this.readable().encode()]
  }

  /** @throws RangeError where a part could not be decoded; all others are added before that */
  addTo(histogram: Histogram): void {
    histogram.add(this.readable())
    if (this.unreadable !== undefined) histogram.addEncoded(this.unreadable)
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
