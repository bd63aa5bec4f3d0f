import { estimateShift, type ShiftEstimate } from './shift'

/**
 * Exact permutation test of two unpaired sets on ranks (Pitman 1937; Wilcoxon 1945; Mann & Whitney 1947),
 * with the Hodges–Lehmann shift (the median of all differences candidate − baseline) and the interval that
 * belongs to it. For runs made at different times: weaker than pairs, because nothing that changed between
 * the sets cancels.
 *
 * @param baseline at least one finite value
 * @param candidate at least one finite value
 */
export function permutationTest(baseline: readonly number[], candidate: readonly number[]): ShiftEstimate {
  const differences = candidate.flatMap((to) => baseline.map((from) => to - from))
  return estimateShift(differences, rankSumDistribution(baseline.length, candidate.length))
}

/**
 * Probability of each value 0 … m·n of Mann and Whitney's U: every choice of m out of the m + n ranks is
 * equally likely. The counts are the coefficients of the Gaussian binomial ∏ (1 − qⁿ⁺ⁱ) / (1 − qⁱ), i = 1 … m
 * (Andrews 1976, ch. 3). They are symmetric, so that the lower half is enough; the small ones, which decide a
 * test, are exact integers.
 */
export function rankSumDistribution(m: number, n: number): Float64Array {
  const half = (m * n) >> 1
  const count = new Float64Array(half + 1)
  count[0] = 1
  for (let i = 1; i <= m; i++) {
    for (let u = half; u >= n + i; u--) count[u]! -= count[u - n - i]!
    for (let u = i; u <= half; u++) count[u]! += count[u - i]!
  }
  const counts = Float64Array.from({ length: m * n + 1 }, (_, u) => count[Math.min(u, m * n - u)]!)
  const permutations = counts.reduce((sum, each) => sum + each, 0)
  return counts.map((each) => each / permutations)
}
