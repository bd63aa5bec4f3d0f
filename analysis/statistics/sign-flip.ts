import { estimateShift, type ShiftEstimate } from './shift'

/**
 * Exact paired sign-flip test on signed ranks (Fisher 1935; Wilcoxon 1945), with the Hodges–Lehmann estimate
 * and interval that belong to it.
 *
 * If A and B do not differ, each block's difference was as likely to come out with the other sign, so all 2ⁿ
 * flips of the signs are equally likely. Ranks, not sums, are flipped: one wild run then weighs no more than
 * its rank, the interval is the classical one around the Hodges–Lehmann estimate, and the distribution is
 * exact for any number of blocks. Up to 6 blocks ranks and sums reject in the same cases: when all signs
 * agree.
 *
 * @param differences candidate − baseline of each block, at least one, all finite
 */
export function signFlipTest(differences: readonly number[]): ShiftEstimate {
  return estimateShift(walshAverages(differences), signedRankDistribution(differences.length))
}

/** Averages of all n(n+1)/2 pairs, each value with itself included (Walsh 1949). */
export function walshAverages(values: readonly number[]): number[] {
  return values.flatMap((value, index) => values.slice(index).map((other) => (value + other) / 2))
}

/**
 * Probability of each value 0 … n(n+1)/2 of the signed-rank statistic: each rank 1 … n is added or not by a
 * fair coin. That is the enumeration of all 2ⁿ sign flips, done by convolution.
 */
export function signedRankDistribution(blocks: number): Float64Array {
  const probability = new Float64Array((blocks * (blocks + 1)) / 2 + 1)
  probability[0] = 1
  for (let rank = 1; rank <= blocks; rank++) {
    for (let sum = (rank * (rank + 1)) / 2; sum >= 0; sum--) {
      probability[sum] = (probability[sum]! + (sum >= rank ? probability[sum - rank]! : 0)) / 2
    }
  }
  return probability
}
