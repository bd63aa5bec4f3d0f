/** Significance level of every test here, two-sided; intervals therefore cover at least 1 − ALPHA. */
export const ALPHA = 0.05

export interface Interval {
  low: number
  high: number
  /** Probability, known exactly, that such an interval covers the true shift: 0.95 or more. */
  confidence: number
}

/**
 * How far one sample lies from another, or a sample of differences from zero, in the unit of the values
 * given.
 */
export interface ShiftEstimate {
  /** Hodges–Lehmann estimate: the median of the pairwise shifts. */
  estimate: number
  /**
   * Every shift that the test would not reject at ALPHA; null where the runs are too few to reject anything.
   */
  interval: Interval | null
  /** Two-sided and exact: `p < ALPHA` if and only if the interval leaves out zero. */
  p: number
}

/** Closer to zero than this is the rounding of a logarithm or a subtraction, not a change. */
const ROUNDING = 1e-12

/**
 * Estimate, interval and p-value out of one list, so that they cannot contradict each other.
 *
 * Both rank tests can be written as counts: their statistic is the number of *pairwise shifts* above zero
 * (Tukey 1949 for the signed-rank test, Mann & Whitney 1947 for the rank-sum test). Shifting the data by θ
 * only moves the list against θ, so the shifts that are not rejected lie between two of its order statistics
 * (Hodges & Lehmann 1963; Moses 1965).
 *
 * Ties: a pairwise shift of exactly zero counts against rejection. Had the ties been broken at random, the
 * test would be exact and its p-value no larger than this one; so with ties the test errs on the careful side
 * only.
 *
 * @param pairwiseShifts Walsh averages, or all differences candidate − baseline; any order, at least one
 * @param nullDistribution probability of 0, 1, 2, … of them being above zero if nothing but chance were at
 *   work
 */
export function estimateShift(
  pairwiseShifts: readonly number[],
  nullDistribution: Float64Array
): ShiftEstimate {
  const sorted = Float64Array.from(pairwiseShifts, (shift) => (Math.abs(shift) < ROUNDING ? 0 : shift)).sort()
  const above = sorted.reduce((count, shift) => (shift > 0 ? count + 1 : count), 0)
  const below = sorted.reduce((count, shift) => (shift < 0 ? count + 1 : count), 0)
  const twoSided = twoSidedTail(nullDistribution)

  const critical = criticalCount(twoSided)
  return {
    estimate: medianOfSorted(sorted),
    interval:
      critical < 0
        ? null
        : {
            low: sorted[critical]!,
            high: sorted[sorted.length - 1 - critical]!,
            confidence: 1 - twoSided[critical]!
          },
    p: twoSided[sorted.length - Math.max(above, below)]!
  }
}

/** For each count, the probability of a result at least as one-sided, in either direction. */
function twoSidedTail(nullDistribution: Float64Array): Float64Array {
  let tail = 0
  return nullDistribution.map((probability) => {
    tail += probability
    return Math.min(1, 2 * tail)
  })
}

/** The largest count that is still significant, −1 if none is. */
function criticalCount(twoSided: Float64Array): number {
  return twoSided.findIndex((p) => p >= ALPHA) - 1
}

function medianOfSorted(sorted: Float64Array): number {
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2
}
