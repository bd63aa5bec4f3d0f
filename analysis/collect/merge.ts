import type { Histogram } from '../../protocol/histogram'

/** Adds an encoded histogram; where it cannot be decoded, notes whose it is instead. */
export function merge(histogram: Histogram, encoded: string, peerId: string, unreadable: Set<string>): void {
  reading(peerId, unreadable, () => {
    histogram.addEncoded(encoded)
  })
}

/** Runs `read`; where a client's data cannot be decoded, notes whose it is instead. */
export function reading(peerId: string, unreadable: Set<string>, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    unreadable.add(peerId)
  }
}
