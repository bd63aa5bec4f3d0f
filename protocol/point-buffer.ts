/** Buffers data points while the results server is unavailable, and counts those it had to drop. */
import { ApiError } from './api-client'
import type { BatchPoint } from './data-point'

export class PointBuffer {
  /** Points lost because the buffer was full or the server refused them. */
  dropped = 0
  private points: BatchPoint[] = []
  private flushing: Promise<void> | undefined

  /** @param batchLength points per request; halved when the server rejects the body as too large */
  constructor(
    private readonly send: (points: BatchPoint[]) => Promise<unknown>,
    private readonly capacity = 10_000,
    private batchLength = 50
  ) {}

  get size(): number {
    return this.points.length
  }

  add(point: BatchPoint): void {
    this.points.push(point)
    this.dropExcess()
  }

  /**
   * Rejects with the error of a failed batch: its points stay for the next flush if the server was
   * unavailable, and are dropped and counted if it refused them.
   */
  flush(): Promise<void> {
    this.flushing ??= this.sendAll().finally(() => (this.flushing = undefined))
    return this.flushing
  }

  private async sendAll(): Promise<void> {
    while (this.points.length > 0) await this.sendBatch(this.points.splice(0, this.batchLength))
  }

  private async sendBatch(batch: BatchPoint[]): Promise<void> {
    try {
      await this.send(batch)
    } catch (error) {
      if (isTooLarge(error) && batch.length > 1) {
        this.batchLength = Math.ceil(batch.length / 2)
        this.points.unshift(...batch)
        return
      }
      if (isRefusal(error)) {
        this.dropped += batch.length
      } else {
        this.points.unshift(...batch)
        this.dropExcess()
      }
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

const isTooLarge = (error: unknown) => error instanceof ApiError && error.status === 413

/** Whether a retry would be refused, too. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429
