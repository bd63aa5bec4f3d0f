/** Signed ranks with ties: the statistic of the sign-flip tests, whether they look once or several times. */
import { lowerBound } from '../../protocol/lower-bound'

/** Values closer than this are equal: they differ by the rounding of a logarithm or a subtraction. */
const PER_UNIT = 1e12

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
export const positiveTail = (values: readonly number[]): number => flipTails(values).positive

/** {@link positiveTail} of the values and of the negated values. They share one distribution. */
export function flipTails(values: readonly number[]): { positive: number; negative: number } {
  const weights = inLargestUnit(signedRankWeights(values))
  const probability = flipDistribution(weights)
  const tailOf = (signed: readonly number[]) => upperTail(probability, positiveSum(signed, weights))
  return { positive: tailOf(values), negative: tailOf(values.map((value) => -value)) }
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

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)

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

/** Removes rounding noise from the last digits, so that equal changes are ties. */
export function rounded(value: number): number {
  return Number.isFinite(value) ? Math.round(value * PER_UNIT) / PER_UNIT : value
}
