import type { PeerResults } from '../../../protocol/peer-results'
import type { TestState } from '../../../protocol/test-life'

/** Tolerance for an interval's edges, in ms: clocks are read to a fraction of a ms and rounded in transit. */
const SLACK = 1

export type Window = PeerResults['measured']

/**
 * The part of a test that counts: from the end of the warm-up to the end of the routines, as far as they are
 * defined. Infinite until the test starts, so that nothing counts.
 */
export function measuredTime({
  startsAt = Infinity,
  warmup,
  duration = Infinity
}: Pick<TestState, 'startsAt' | 'warmup' | 'duration'>): Window {
  return { from: startsAt + warmup * 1000, until: startsAt + duration * 1000 }
}

export function contains(measured: Window, instant: number): boolean {
  return instant >= measured.from - SLACK && instant <= measured.until
}

/** Whether an interval lies in the measured time. Arrivals while peers drain after the end do not count. */
export function covers(measured: Window, from: number, until: number): boolean {
  return from >= measured.from - SLACK && contains(measured, (from + until) / 2)
}
