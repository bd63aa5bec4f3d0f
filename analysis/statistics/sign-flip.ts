/** Sign-flip tests on signed ranks, with ties, whether they look once or several times. */
import { meanOf } from '../distribution'
import { lowerBound } from '../../protocol/lower-bound'
import { ALPHA, estimateShift, rounded, type Shift, type ShiftEstimate } from './shift'

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
  const mirrored = differences.map((value) => -value)
  const p = Math.min(1, 2 * positiveTail(differences), 2 * positiveTail(mirrored))
  return { ...signFlipShift(differences), p }
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

/**
 * Twice the midrank of each value's size, which makes it an integer. Zeros take part in the ranking (Pratt
 * 1959), so that positive sums count Walsh averages, but have no sign to flip: 0. Ranks are taken among the
 * first `reference` values, and a later value gets the place between them: weights never change as more
 * values arrive, so a test can look several times and stay exact.
 */
export function signedRankWeights(values: readonly number[], reference = values.length): Int32Array {
  const sizes = values.map((value) => rounded(Math.abs(value)))
  const known = new Float64Array(sizes.slice(0, reference)).sort()
  return Int32Array.from(sizes, (size) => {
    const below = lowerBound(known.length, (rank) => known[rank]! >= size)
    const upTo = lowerBound(known.length, (rank) => known[rank]! > size)
    return size > 0 ? below + upTo + 1 : 0
  })
}

export function positiveSum(values: readonly number[], weights: Int32Array): number {
  return values.reduce((sum, value, index) => (value > 0 ? sum + weights[index]! : sum), 0)
}

/**
 * Exact one-sided p-value: the share of all sign flips whose positive sum is at least the observed one, given
 * the sizes as they are (the conditional test on midranks: Pratt 1959; Hollander, Wolfe & Chicken 2014,
 * §3.1). Ties and zeros cost no power: p is 1/64 for 6 blocks that lost something and 6 without a change.
 */
export function positiveTail(values: readonly number[]): number {
  const weights = inLargestUnit(signedRankWeights(values))
  return upperTail(flipDistribution(weights), positiveSum(values, weights))
}

export function upperTail(probability: Float64Array, count: number): number {
  const tail = probability.subarray(count).reduce((sum, each) => sum + each, 0)
  return Math.min(1, tail)
}

/** In units of their greatest common divisor, so that their sums have no gaps: doubled ranks are all even. */
export function inLargestUnit(weights: Int32Array): Int32Array {
  const unit = weights.reduce(greatestCommonDivisor, 0)
  return unit > 1 ? weights.map((weight) => weight / unit) : weights
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b]
  return a
}

/** The latest, for it is often needed again: for no weights, at first. */
let last: { weights: string; probability: Float64Array } = { weights: '', probability: Float64Array.of(1) }

/**
 * Probability of each positive sum 0 … Σ weights when each sign is a fair coin. Without ties, any values have
 * the same one, which takes the cube of their number.
 */
export function flipDistribution(weights: Int32Array): Float64Array {
  const sorted = weights.toSorted()
  const key = sorted.join()
  if (key !== last.weights) last = { weights: key, probability: distributionOf(sorted) }
  return last.probability
}

function distributionOf(weights: Int32Array): Float64Array {
  const probability = new Float64Array(weights.reduce((sum, weight) => sum + weight, 1))
  probability[0] = 1
  let length = 1
  for (const weight of weights) length = flipOneMore(probability, length, weight)
  return probability
}

/** Adds a value to the distribution in the first `length` places, before `weight` zeros: the new length. */
export function flipOneMore(probability: Float64Array, length: number, weight: number): number {
  if (weight === 0) return length
  for (let sum = length + weight - 1; sum >= weight; sum--)
    probability[sum] = (probability[sum]! + probability[sum - weight]!) / 2
  for (let sum = 0; sum < weight; sum++) probability[sum]! /= 2
  return length + weight
}
