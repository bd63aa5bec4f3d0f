/** Collects bytes in chunks of about 1 MB. Added strings and copied bytes need no buffers of their own. */
import { BufferPool } from './buffer-pool'

const CHUNK_BYTES = 1 << 20
/** Maximum number of UTF-8 bytes per UTF-16 code unit. */
const WIDEST = 3
const buffers = new BufferPool(CHUNK_BYTES)

export class ChunkBuilder {
  private chunk = buffers.take()
  private length = 0
  private full: Buffer[] = []
  /** The chunk handed out last: it may be on its way to the disk while the next one is built. */
  private inUse: Buffer | undefined

  write(text: string): void {
    this.makeRoom(text.length * WIDEST)
    this.length += this.chunk.write(text, this.length)
  }

  /** Faster than {@link write}, for ASCII only. */
  writeAscii(text: string): void {
    this.makeRoom(text.length)
    this.length += this.chunk.write(text, this.length, 'latin1')
  }

  copy(source: Buffer, from: number, end: number): void {
    this.makeRoom(end - from)
    this.length += source.copy(this.chunk, this.length, from, end)
  }

  /** The full chunks, one after the other. Each is valid until the second one after it is requested. */
  *takeFull(): Generator<Buffer> {
    const { full } = this
    this.full = []
    for (const chunk of full) {
      yield chunk
      if (this.inUse) giveBack(this.inUse)
      this.inUse = chunk
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
    this.chunk = bytes <= CHUNK_BYTES ? buffers.take() : Buffer.allocUnsafeSlow(bytes)
    this.length = 0
  }
}

function giveBack({ buffer }: Buffer): void {
  if (buffer.byteLength === CHUNK_BYTES) buffers.giveBack(Buffer.from(buffer))
}
