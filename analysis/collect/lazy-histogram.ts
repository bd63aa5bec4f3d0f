import { Histogram } from '../../protocol/histogram'

/** So many encoded parts are kept before they are merged into one. */
const PARTS = 64

/**
 * A histogram that is merged only when somebody asks. A peer's intervals stand in for its final account, which nearly always
 * comes: until then their histograms stay encoded, a fiftieth of the memory and no work.
 */
export class LazyHistogram {
  private parts: string[] = []

  /** Adds an encoded histogram. It is decoded later: {@link addTo} throws RangeError if it is not one. */
  add(encoded: string): void {
    if (encoded === '') return
    this.parts.push(encoded)
    if (this.parts.length >= PARTS) this.parts = [this.merged().encode()]
  }

  addTo(histogram: Histogram): void {
    for (const part of this.parts) histogram.addEncoded(part)
  }

  clear(): void {
    this.parts = []
  }

  private merged(): Histogram {
    const histogram = new Histogram()
    this.addTo(histogram)
    return histogram
  }
}
