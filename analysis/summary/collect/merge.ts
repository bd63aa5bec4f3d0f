import type { Histogram } from '../../../protocol/histogram'

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
