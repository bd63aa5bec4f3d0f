/** Buffers data points while the results server is unavailable, and counts those it had to drop. */
import { ApiError } from '../../protocol/api-client'
import type { BatchPoint } from '../../protocol/data-point'

export class PointBuffer {
  /** Points lost because the buffer was full or the server refused them. */
  dropped = 0
  private points: BatchPoint[] = []
  private flushing: Promise<void> | undefined

  /**
   * @param capacity when it is reached, the oldest points are dropped
   * @param batchLength points per request; halved when the server rejects the body as too large
   */
  constructor(
    private readonly send: (points: BatchPoint[]) => Promise<unknown>,
    private readonly capacity = 10_000,
    private batchLength = 50
  ) {}

  add(point: BatchPoint): void {
    this.points.push(point)
    this.dropExcess()
  }

  /**
   * Sends all points, batch by batch. Rejects with the error of a failed one: its points stay for the next
   * flush if the server was unavailable, and are dropped and counted if it refused them.
   */
  flush(): Promise<void> {
    return (this.flushing ??= this.sendAll().finally(() => (this.flushing = undefined)))
  }

  private async sendAll(): Promise<void> {
    while (this.points.length > 0) await this.sendBatch(this.points.splice(0, this.batchLength))
  }

  private async sendBatch(batch: BatchPoint[]): Promise<void> {
    try {
      await this.send(batch)
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0
      if (status === 413 && batch.length > 1) {
        this.batchLength = Math.ceil(batch.length / 2)
        this.points.unshift(...batch)
        return
      }
      // These would be refused again.
      if (status >= 400 && status < 500 && status !== 408 && status !== 429) this.dropped += batch.length
      else this.points.unshift(...batch)
      this.dropExcess()
      throw error
    }
  }

  private dropExcess(): void {
    const excess = this.points.length - this.capacity
    if (excess <= 0) return
    this.points.splice(0, excess)
    this.dropped += excess
  }
}
