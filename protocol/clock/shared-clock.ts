/**
 * Shares one estimate of the server's clock among all tabs of a machine. Estimates of their own would
 * differ by tenths of a millisecond, which every latency between pages would contain.
 */
import { offsetAt, type OffsetBound } from './clock-estimate'
import type { ClockSource } from './server-clock'

export interface SharedBound {
  /** Names the estimate. */
  id: string
  bound: OffsetBound
  /** System clock − the runner's local time, in ms. A page with a different value reads a different clock. */
  ahead?: number
}

/** For the runner's pages. Resolves immediately, or with the next estimate if `seenAt` is the latest. */
export type NextSharedBound = (seenAt?: number) => Promise<SharedBound>

/** The coarsest resolution at which browsers show the clock to pages, in ms. */
const RESOLUTION_MS = 0.1

export function bySharing(next: NextSharedBound): ClockSource {
  let seenAt: number | undefined
  return async () => {
    const { bound } = await next(seenAt)
    seenAt = bound.at
    return bound
  }
}

/**
 * Whether both bounds can be right. They cannot if the machine's clock was set between the starts of the two
 * processes, because each counts on from what the clock showed when it started.
 */
export function agree(one: OffsetBound, other: OffsetBound, localTime: number): boolean {
  const [a, b] = [offsetAt(one, localTime), offsetAt(other, localTime)]
  return Math.abs(a.offset - b.offset) <= a.error + b.error + RESOLUTION_MS
}
