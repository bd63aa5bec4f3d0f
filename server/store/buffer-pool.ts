/**
 * A pool of equally sized buffers for reuse. The system clears every page of a new buffer, which takes as
 * long as reading a file into it.
 */

/** Buffers kept for reuse. The rest is left to the garbage collector. */
const KEPT = 4

export class BufferPool {
  private readonly free: Buffer[] = []

  constructor(private readonly bytes: number) {}

  /** The buffer still holds its last user's data. */
  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(this.bytes)
  }

  giveBack(buffer: Buffer): void {
    if (this.free.length < KEPT) this.free.push(buffer)
  }
}
