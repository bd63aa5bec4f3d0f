/** Tracks how many bytes of request bodies the server holds at once, over all callers. */
import type { Request } from 'express'

/** Up to this size, the declared one counts: listening to chunks would cost as much as all other work. */
const SMALL_BODY = 65_536

export class BytesInFlight {
  /** Bytes that each request holds, the oldest request first. */
  private readonly held = new Map<Request, number>()
  private total = 0

  /** Above `limit` bytes, the oldest requests are cut off: an honest one takes milliseconds. */
  constructor(private readonly limit: number) {}

  /** Counts a body until the returned function is called. A compressed one reserves `mostBytes` at once. */
  track(request: Request, mostBytes: number): () => void {
    const isCompressed = request.headers['content-encoding'] !== undefined
    const declared = Number(request.headers['content-length'])
    if (!isCompressed && declared <= SMALL_BODY) {
      this.hold(request, declared)
      return () => this.release(request)
    }
    const count = (chunk: Buffer) => {
      const held = this.held.get(request) ?? 0
      this.hold(request, isCompressed ? mostBytes : held + chunk.length)
    }
    request.on('data', count)
    return () => {
      request.off('data', count)
      this.release(request)
    }
  }

  private hold(request: Request, bytes: number): void {
    this.total += bytes - (this.held.get(request) ?? 0)
    this.held.set(request, bytes)
    for (const oldest of this.held.keys()) {
      if (this.total <= this.limit) return
      this.release(oldest)
      // A request that has arrived whole and waits for its check would ignore its own destruction.
      oldest.socket.destroy()
    }
  }

  private release(request: Request): void {
    this.total -= this.held.get(request) ?? 0
    this.held.delete(request)
  }
}
