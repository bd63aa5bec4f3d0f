import { ALPHA, difference, estimateShift, type ShiftEstimate } from './shift'
import { rounded, upperTail } from './signed-ranks'

/**
 * Exact permutation test of two unpaired sets on ranks (Pitman 1937; Wilcoxon 1945; Mann & Whitney 1947),
 * with the Hodges–Lehmann shift (the median of all differences candidate − baseline) and its interval. It is
 * weaker than a paired test, because changes between the sets do not cancel.
 */
export function permutationTest(baseline: readonly number[], candidate: readonly number[]): ShiftEstimate {
  const p = Math.min(1, 2 * higherTail(baseline, candidate), 2 * higherTail(candidate, baseline))
  return { ...permutationShift(baseline, candidate), p }
}

/** The estimate and the interval of {@link permutationTest}, at less cost. The level is two-sided. */
export function permutationShift(baseline: readonly number[], candidate: readonly number[], level = ALPHA) {
  const differences = candidate.flatMap((to) => baseline.map((from) => difference(to, from)))
  return estimateShift(differences, rankSumDistribution(baseline.length, candidate.length), level)
}

/** Above this many runs, ties count against rejection: enumerating them would take seconds. */
const MAX_CONDITIONAL = 60

/** Exact one-sided p-value of the rank sum, given the ties as they are (conditional test on midranks). */
export function higherTail(baseline: readonly number[], candidate: readonly number[]): number {
  const all = [...baseline, ...candidate].map(rounded)
  const hasTies = new Set(all).size < all.length
  if (!hasTies || all.length > MAX_CONDITIONAL) return unconditionalTail(baseline, candidate)
  const doubledRanks = all.map((value) => {
    const below = all.filter((other) => other < value).length
    return 2 * below + all.filter((other) => other === value).length + 1
  })
  const seen = doubledRanks.slice(baseline.length).reduce((sum, rank) => sum + rank, 0)
  const total = doubledRanks.reduce((sum, rank) => sum + rank, 0)
  // ways[k][s]: the number of ways to label k of the runs so far "candidate" such that their rank sum is s.
  const ways = Array.from({ length: candidate.length + 1 }, () => new Float64Array(total + 1))
  ways[0]![0] = 1
  for (const rank of doubledRanks) {
    for (let called = candidate.length; called >= 1; called--) {
      const [more, fewer] = [ways[called]!, ways[called - 1]!]
      for (let sum = total; sum >= rank; sum--) more[sum]! += fewer[sum - rank]!
    }
  }
  const last = ways[candidate.length]!
  const count = (from: number) => last.subarray(from).reduce((sum, each) => sum + each, 0)
  return count(seen) / count(0)
}

function unconditionalTail(baseline: readonly number[], candidate: readonly number[]): number {
  const above = candidate.reduce((sum, to) => sum + baseline.filter((from) => to > from).length, 0)
  return upperTail(rankSumDistribution(baseline.length, candidate.length), above)
}

/**
 * Probability of each value 0 … m·n of Mann and Whitney's U. The counts are the coefficients of the Gaussian
 * binomial ∏ (1 − qⁿ⁺ⁱ) / (1 − qⁱ), i = 1 … m (Andrews 1976, ch. 3). They are symmetric, so only the lower
 * half is computed; the small counts, which decide a test, are exact integers.
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
