import { meanOf } from './median'
import { ALPHA, estimateShift, type Shift, type ShiftEstimate } from './shift'
import { flipDistribution, flipTails } from './signed-ranks'

/**
 * Exact paired sign-flip test on signed ranks (Fisher 1935; Wilcoxon 1945), with the Hodges–Lehmann estimate
 * and its interval. If the builds do not differ, each block's difference could as well have the other sign:
 * all 2ⁿ flips are equally likely. The test flips ranks, not sums, so an outlier weighs no more than its rank
 * and the distribution is exact for any number of blocks.
 *
 * @param differences candidate − baseline of each block; at least one, never NaN; infinite if one build never
 * got there
 */
export function signFlipTest(differences: readonly number[]): ShiftEstimate {
  const { positive, negative } = flipTails(differences)
  return { ...signFlipShift(differences), p: Math.min(1, 2 * positive, 2 * negative) }
}

/** The estimate and the interval of {@link signFlipTest}, at less cost. The level is two-sided. */
export function signFlipShift(differences: readonly number[], level = ALPHA): Shift {
  return estimateShift(walshAverages(differences), signedRankDistribution(differences.length), level)
}

/** Averages of all n(n+1)/2 pairs, including each value with itself (Walsh 1949). */
export function walshAverages(values: readonly number[]): Float64Array {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2)
  let next = 0
  for (let first = 0; first < values.length; first++) {
    for (let second = first; second < values.length; second++)
      averages[next++] = meanOf(values[first]!, values[second]!)
  }
  return averages
}

/** Probability of each signed-rank sum 0 … n(n+1)/2: a fair coin decides whether each rank is added. */
export function signedRankDistribution(blocks: number): Float64Array {
  return flipDistribution(Int32Array.from({ length: blocks }, (_, index) => index + 1))
}
