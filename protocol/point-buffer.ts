/** Holds data points while the results server is away: bounded, and honest about what it had to drop. */
import { ApiError } from './api-client'
import type { BatchPoint } from './metrics'

export interface PointBufferOptions {
  /** Points held at most; the oldest is dropped for the newest. */
  capacity?: number
  /** Points in one request. It is halved where the server finds the body too large. */
  batchLength?: number
}

export class PointBuffer {
  private points: BatchPoint[] = []
  private droppedCount = 0
  private flushing: Promise<void> | undefined
  private batchLength: number
  private readonly capacity: number

  constructor(
    private readonly send: (points: BatchPoint[]) => Promise<unknown>,
    options: PointBufferOptions = {}
  ) {
    this.capacity = options.capacity ?? 10_000
    this.batchLength = options.batchLength ?? 50
  }

  /** Points that wait. */
  get size(): number {
    return this.points.length
  }

  /** Points that were lost: the buffer was full, or the server refused them. */
  get dropped(): number {
    return this.droppedCount
  }

  add(point: BatchPoint): void {
    this.points.push(point)
    this.dropExcess()
  }

  /**
   * Sends all that waits, in batches, one at a time. Rejects with the error of the batch that failed: its points wait for
   * the next flush where the server was away, and are dropped and counted where it refused them.
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
        this.droppedCount += batch.length
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
    this.droppedCount += excess
  }
}

const isTooLarge = (error: unknown) => error instanceof ApiError && error.status === 413

/** Another attempt would be refused as well. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429
