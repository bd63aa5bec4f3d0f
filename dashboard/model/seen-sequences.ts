/** The sequence numbers seen of one peer, a bit each: a data point that comes twice counts once. */
const PER_CHUNK = 512

export class SeenSequences {
  /** In chunks, so that a peer which begins at an enormous number costs no more than one which begins at 0. */
  private readonly chunks = new Map<number, Uint8Array>()

  /** Whether the number is new; it is known from now on. */
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
