/**
 * One estimate of the server's clock for all tabs of a machine. Each page would estimate it some tenths of a millisecond differently, and
 * that would be in every latency between them, though they read the same clock of the same machine.
 */
import { offsetAt, type OffsetBound } from './clock-estimate'
import type { ClockSource } from './server-clock'

export interface SharedBound {
  /** Whose estimate it is. */
  id: string
  bound: OffsetBound
}

/** What the runner exposes to its pages: resolves with its estimate at once, or where `seenAt` is the latest already, with the next. */
export type NextSharedBound = (seenAt?: number) => Promise<SharedBound>

/** The coarsest clock that browsers show to pages, in ms. */
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
 * Can both be right? Not where the machine's clock was set between the starts of the two processes: each counts on from what it showed
 * when it started.
 * @param localTime where they are compared, in ms
 */
export function agree(one: OffsetBound, other: OffsetBound, localTime: number): boolean {
  const [a, b] = [offsetAt(one, localTime), offsetAt(other, localTime)]
  return Math.abs(a.offset - b.offset) <= a.error + b.error + RESOLUTION_MS
}
