/** Bytes that a peer may send at once. Joining a full mesh of 100 peers takes about a quarter of this. */
const BURST_BYTES = 4 * 1024 * 1024
/** Bytes per second that a peer may send in the long run. */
const BYTES_PER_SECOND = 512 * 1024
/** Minimum that a frame counts for: short frames cost time as well. */
const LEAST_FRAME_BYTES = 256

/** What one connection may send: a token bucket (https://en.wikipedia.org/wiki/Token_bucket). */
export class Allowance {
  #bytes = BURST_BYTES
  #at = Date.now()

  /** Returns false if the connection has sent too much. */
  take(frameBytes: number): boolean {
    const now = Date.now()
    const earned = (Math.max(0, now - this.#at) / 1000) * BYTES_PER_SECOND
    this.#at = now
    this.#bytes = Math.min(BURST_BYTES, this.#bytes + earned) - Math.max(frameBytes, LEAST_FRAME_BYTES)
    return this.#bytes >= 0
  }
}
