/** The sequence numbers seen from one peer, one bit each. A data point that arrives twice counts once. */
const PER_CHUNK = 512

export class SeenSequences {
  /** Split into chunks, so a peer that starts at a huge number costs no more than one that starts at 0. */
  private readonly chunks = new Map<number, Uint8Array>()

  /** Records a sequence number. Returns whether it is new. */
  add(sequence: number): boolean {
    const byte = Math.floor((sequence % PER_CHUNK) / 8)
    const mask = 1 << (sequence % 8)
    const chunk = this.chunkOf(sequence)
    const before = chunk[byte]!
    chunk[byte] = before | mask
    return (before & mask) === 0
  }

  private chunkOf(sequence: number): Uint8Array {
    const key = Math.floor(sequence / PER_CHUNK)
    let chunk = this.chunks.get(key)
    if (chunk === undefined) this.chunks.set(key, (chunk = new Uint8Array(PER_CHUNK / 8)))
    return chunk
  }
}
