/** One direction of a peer's access line: a queue that all the peer's connections share. */

/** What would wait longer is dropped. */
const LONGEST_WAIT_MS = 250

export class AccessQueue {
  private freeAt = 0

  /**
   * When a datagram of `bytes` that enters at `at` (ms) has passed a line of `rate` bit/s; undefined if it is
   * dropped. Datagrams must enter in the order of `at`: a place in the queue cannot be reserved.
   */
  leaves(at: number, bytes: number, rate: number): number | undefined {
    if (rate === Infinity) return at
    const begins = Math.max(at, this.freeAt)
    if (begins - at > LONGEST_WAIT_MS) return undefined
    return (this.freeAt = begins + (bytes * 8000) / rate)
  }
}
