/**
 * What the systems' clocks say about the offset between two machines. Round trips bound it to half their
 * duration, over a distance as much as the latency itself. The bound is tighter if both systems share a
 * clock, or if both clocks are disciplined with a known error.
 */
import type { TimeAnswer } from '../api-answers'
import { carry, type ClockSourceName, type Offset, type OffsetBound } from './clock-estimate'

/** `ahead` is the system's clock − the process's own. All processes of one kernel read the same clock. */
export type SystemClock = NonNullable<TimeAnswer['system']>

/** Maximum error of {@link readAhead} on a busy machine, in ms. */
const READ_ERROR = 0.25
const TURNS = 3

/**
 * System clock − `now`, in ms; takes up to 3 ms, as it is read when it turns to a new millisecond: it has
 * no finer resolution. Any interruption makes a reading too small, so the largest counts.
 */
export function readAhead(now: () => number, system: () => number = Date.now): number {
  let ahead = -Infinity
  for (let turn = 0; turn < TURNS; turn++) {
    const before = system()
    let after = before
    while (after === before) after = system()
    ahead = Math.max(ahead, after - now())
  }
  return ahead
}

export interface Claim extends Offset {
  source: ClockSourceName
}

/** Remote clock − local clock according to the systems' clocks; undefined if they say nothing. */
export function offsetBySystem(local: SystemClock, remote: SystemClock): Claim | undefined {
  const offset = local.ahead - remote.ahead
  if (local.machine !== undefined && local.machine === remote.machine)
    return { offset, error: 2 * READ_ERROR, source: 'same system clock' }
  if (local.error === undefined || remote.error === undefined) return undefined
  return { offset, error: local.error + remote.error + 2 * READ_ERROR, source: 'system clocks' }
}

/**
 * Undefined if they contradict each other: round trips hold whatever the clocks do, so one of those is not
 * what it claims to be. `at`: by the local clock.
 */
export function narrowed(bound: OffsetBound, claim: Claim, at: number): OffsetBound | undefined {
  const { offset, error, source } = claim
  const carried = carry(bound, at, bound.drift)
  const low = Math.max(carried.low, offset - error)
  const high = Math.min(carried.high, offset + error)
  return low <= high ? { ...bound, at, low, high, source } : undefined
}
