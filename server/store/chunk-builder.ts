/** Collects bytes in chunks of about 1 MB. Added strings and copied bytes need no buffers of their own. */

const CHUNK_BYTES = 1 << 20
/** Maximum number of UTF-8 bytes per UTF-16 code unit. */
const WIDEST = 3

export class ChunkBuilder {
  private chunk: Buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  private length = 0
  private full: Buffer[] = []
  /** For reuse: the system clears every page of a new buffer, which takes longer than filling it. */
  private readonly spare: Buffer[] = []

  write(text: string): void {
    this.makeRoom(text.length * WIDEST)
    this.length += this.chunk.write(text, this.length)
  }

  copy(source: Buffer, from: number, end: number): void {
    this.makeRoom(end - from)
    this.length += source.copy(this.chunk, this.length, from, end)
  }

  /** The full chunks, one after the other. Each is valid until the next one is requested. */
  *takeFull(): Generator<Buffer> {
    for (const chunk of this.full.splice(0)) {
      yield chunk
      if (chunk.buffer.byteLength === CHUNK_BYTES) this.spare.push(Buffer.from(chunk.buffer))
    }
  }

  /** All remaining bytes. They stay valid. The builder must not be used afterwards. */
  *takeRest(): Generator<Buffer> {
    yield* this.takeFull()
    yield this.chunk.subarray(0, this.length)
  }

  private makeRoom(bytes: number): void {
    if (this.length + bytes <= this.chunk.length) return
    this.full.push(this.chunk.subarray(0, this.length))
    const spare = bytes <= CHUNK_BYTES ? this.spare.pop() : undefined
    this.chunk = spare ?? Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, bytes))
    this.length = 0
  }
}
