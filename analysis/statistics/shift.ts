import { medianOfSorted } from './median'
import { rounded } from './signed-ranks'

/** Two-sided significance level of every test here; intervals therefore cover at least 1 − ALPHA. */
export const ALPHA = 0.05

export interface Interval {
  low: number
  high: number
  /** Exact probability that such an interval covers the true shift: 0.95 or more. */
  confidence: number
}

/** How far one sample lies from another, or differences from zero, in the unit of the given values. */
export interface Shift {
  /** Hodges–Lehmann estimate: the median of the pairwise shifts. */
  estimate: number
  /** All shifts that the test would not reject at ALPHA; null with too few runs to reject anything. */
  interval: Interval | null
}

export interface ShiftEstimate extends Shift {
  /**
   * Two-sided and exact, given the ties as they are. `p < ALPHA` if the interval excludes zero; without ties,
   * only then. The interval ignores ties, so it may be wider than necessary and contain zero.
   */
  p: number
}

/** From never (infinite) to never is no change. */
export const difference = (to: number, from: number): number => (to === from ? 0 : to - from)

/**
 * The statistic of both rank tests is the number of *pairwise shifts* above zero (Tukey 1949; Mann & Whitney
 * 1947), so the shifts that are not rejected lie between two of their order statistics (Hodges & Lehmann
 * 1963; Moses 1965). With ties, the interval covers more often than stated, never less.
 *
 * @param pairwiseShifts Walsh averages, or all differences candidate − baseline; any order, at least one
 * @param nullDistribution probability that 0, 1, 2, … of them are above zero if only chance is at work
 * @param level two-sided; the interval covers at least 1 − level
 */
export function estimateShift(
  pairwiseShifts: ArrayLike<number>,
  nullDistribution: Float64Array,
  level = ALPHA
): Shift {
  const sorted = new Float64Array(pairwiseShifts).map(rounded).sort()
  const critical = criticalCount(nullDistribution, level)
  return {
    estimate: medianOfSorted(sorted),
    interval: critical && {
      low: sorted[critical.count]!,
      high: sorted[sorted.length - 1 - critical.count]!,
      confidence: 1 - critical.p
    }
  }
}

/** The largest count that is still significant, and its two-sided p-value; null if none is. */
export function criticalCount(
  nullDistribution: Float64Array,
  level: number
): { count: number; p: number } | null {
  let tail = 0
  for (let count = 0; ; count++) {
    const next = tail + nullDistribution[count]!
    if (2 * next >= level || count === nullDistribution.length - 1)
      return count === 0 ? null : { count: count - 1, p: 2 * tail }
    tail = next
  }
}
