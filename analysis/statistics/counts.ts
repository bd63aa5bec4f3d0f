/** Exact tests of counts, such as lost attempts. */
import { bisected } from './sequential'

/** P(X ≤ count) for a binomial distribution. */
export function binomialTail(count: number, trials: number, share: number): number {
  // Higher counts do not affect lower ones.
  const probability = new Float64Array(Math.min(count, trials) + 1)
  probability[0] = 1
  for (let trial = 0; trial < trials; trial++) addTrial(probability, share)
  return probability.reduce((sum, each) => sum + each, 0)
}

export interface Tally {
  count: number
  trials: number
}

/**
 * Whether any of the looks showed a share to be below `limit`. Each look passes with at most the largest
 * count that keeps the probability of ever passing within `level`, assuming that the share is at the limit.
 * Spending the level slowly would gain nothing: without any loss, the first look costs later ones nothing.
 * @param looks trials and losses known at each look
 */
export function isShownBelow(looks: readonly Tally[], limit: number, level: number): boolean {
  const alive = new Float64Array((looks.at(-1)?.trials ?? 0) + 1)
  alive[0] = 1
  let passed = 0
  let done = 0
  for (const { trials, count } of looks) {
    for (; done < trials; done++) addTrial(alive.subarray(0, done + 2), limit)
    let boundary = 0
    while (passed + alive[boundary]! <= level) passed += alive[boundary++]!
    if (count < boundary) return true
    alive.fill(0, 0, boundary)
  }
  return false
}

/**
 * One-sided upper limit of a share: the looks show it to be below each larger one. With a single look, that
 * of Clopper & Pearson (1934).
 * @param level probability that the true share is above the limit: 0.05 for 95% confidence
 */
export function upperLimit(looks: readonly Tally[], level: number): number {
  let high = 1
  // From above: as counts are whole numbers, a share may be shown although a larger one is not.
  while (isShownBelow(looks, high - STEP, level)) high -= STEP
  return bisected((share) => isShownBelow(looks, share, level), high - STEP, high)
}

const STEP = 0.005

/** Adds one more trial to the probabilities of the counts 0, 1, 2, … */
function addTrial(probability: Float64Array, share: number): void {
  for (let count = probability.length - 1; count > 0; count--)
    probability[count] = probability[count]! * (1 - share) + probability[count - 1]! * share
  probability[0]! *= 1 - share
}

/**
 * Fisher's exact test, one-sided (Fisher 1935): the probability that at least this many of all losses fall on
 * the candidate if both builds are equally likely to lose. It assumes independent runs, not made in pairs.
 */
export function fisherTail(candidate: Tally, baseline: Tally): number {
  const losses = candidate.count + baseline.count
  const ways = logChoose(candidate.trials + baseline.trials, losses)
  let p = 0
  for (let count = candidate.count; count <= Math.min(losses, candidate.trials); count++)
    p += Math.exp(logChoose(candidate.trials, count) + logChoose(baseline.trials, losses - count) - ways)
  return Math.min(1, p)
}

function logChoose(n: number, k: number): number {
  let sum = 0
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i)
  return sum
}
