import { lowerBound } from '../../protocol/lower-bound'
import { rankSumDistribution } from './permutation'
import { seededRandom } from './random'
import { bisected } from './sequential'
import { ALPHA, criticalCount } from './shift'
import { signedRankDistribution } from './sign-flip'
import { standardDeviation } from './standard-deviation'

/** Probability of detecting a change of the minimum detectable size; 80% is the convention (Cohen 1988). */
export const POWER = 0.8

const TRIALS = 4000
const SEED = 1963

/** The result depends only on the number of runs and the level, and is needed for every metric. */
const shiftsInSpreads = new Map<string, number | null>()

/**
 * The true shift that this many blocks or runs would show with a mean power of 80%, if they scatter as much
 * as these did: what a comparison *could* detect. The scatter comes from the blocks, not from the effect, as
 * power computed from the observed effect adds nothing to p (Hoenig & Heisey 2001). The scatter of a few
 * blocks is itself uncertain: over repeated comparisons, the mean true power at the printed shift is 80%. For
 * planning, the spread is known from elsewhere.
 *
 * @param counts one number of blocks, or two of each build's runs if they were not made in blocks
 * @param spread standard deviation of the blocks' differences, or of the runs within each build
 * @param options.level two-sided level of the test that is to detect the shift: 0.05 ÷ k for one of k metrics
 * @returns the shift in the unit of `spread`; null if no shift could be detected
 */
export function detectableShift(
  counts: readonly number[],
  spread: number,
  { level = ALPHA, isPlanned = false } = {}
): number | null {
  const key = `${counts.join()} at ${level}${isPlanned ? ', planned' : ''}`
  let shift = shiftsInSpreads.get(key)
  if (shift === undefined) shiftsInSpreads.set(key, (shift = shiftInSpreads(counts, level, isPlanned)))
  return shift === null ? null : shift * spread
}

/**
 * A shift δ added to noise moves its interval by δ, so it is detected if the noise's own lower limit lies
 * above −δ. No search is needed: with δ = c × the estimated spread, the c that suffices with probability
 * POWER is that quantile of the negated lower limits divided by independently estimated spreads.
 */
function shiftInSpreads(counts: readonly number[], level: number, isPlanned: boolean): number | null {
  const [first, second] = counts
  const isPaired = second === undefined
  const distribution = isPaired ? signedRankDistribution(first!) : rankSumDistribution(first!, second)
  const critical = criticalCount(distribution, level)
  if (critical === null) return null
  const random = seededRandom(SEED)
  const noise = () => counts.map((count) => Array.from({ length: count }, () => random.normal()))
  const needed = new Float64Array(TRIALS)
  for (let trial = 0; trial < TRIALS; trial++) {
    const [from, to] = noise()
    const limit = isPaired ? walshAverage(from!, critical.count) : pairDifference(from!, to!, critical.count)
    // As other runs of the same truth would give it.
    needed[trial] = -limit / (isPlanned ? 1 : standardDeviation(noise())!)
  }
  return needed.sort()[Math.ceil(POWER * TRIALS) - 1]!
}

/** The one of the Walsh averages that is larger than so many others. */
function walshAverage(values: readonly number[], rank: number): number {
  const halves = new Float64Array(values).map((value) => value / 2).sort()
  // Each average of two values is the sum of two halves in both orders, a value itself only once.
  const countUpTo = (limit: number) =>
    (sumsUpTo(limit, halves, halves) + lowerBound(halves.length, (index) => 2 * halves[index]! > limit)) / 2
  return bisected((limit) => countUpTo(limit) > rank, 2 * halves[0]!, 2 * halves.at(-1)!)
}

/** The one of all differences to − from that is larger than so many others. */
function pairDifference(from: readonly number[], to: readonly number[], rank: number): number {
  const [more, less] = [new Float64Array(to).sort(), new Float64Array(from).map((value) => -value).sort()]
  const isBelow = (limit: number) => sumsUpTo(limit, more, less) > rank
  return bisected(isBelow, more[0]! + less[0]!, more.at(-1)! + less.at(-1)!)
}

/** How many sums of one value of each list are at most the limit. Both are sorted: it takes one pass. */
function sumsUpTo(limit: number, some: Float64Array, others: Float64Array): number {
  let [count, end] = [0, others.length]
  for (const value of some) {
    while (end > 0 && value + others[end - 1]! > limit) end--
    count += end
  }
  return count
}
