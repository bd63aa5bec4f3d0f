import type { Histogram } from '../../../protocol/histogram'

/** Adds an encoded histogram. If it cannot be decoded, records the peer it came from instead. */
export function merge(histogram: Histogram, encoded: string, peerId: string, unreadable: Set<string>): void {
  reading(peerId, unreadable, () => histogram.addEncoded(encoded))
}

/** Runs `read`. If the client's data cannot be decoded, records the peer it came from instead. */
export function reading(peerId: string, unreadable: Set<string>, read: () => void): void {
  try {
    read()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    unreadable.add(peerId)
  }
}
