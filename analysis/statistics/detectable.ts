import { permutationShift } from './permutation'
import { seededRandom } from './random'
import { ALPHA } from './shift'
import { signFlipShift } from './sign-flip'
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
  const random = seededRandom(SEED)
  const noise = () => counts.map((count) => Array.from({ length: count }, () => random.normal()))
  const needed = new Float64Array(TRIALS)
  for (let trial = 0; trial < TRIALS; trial++) {
    const [first, second] = noise()
    const { interval } = second ? permutationShift(first!, second, level) : signFlipShift(first!, level)
    // As other runs of the same truth would give it.
    const spread = isPlanned ? 1 : standardDeviation(noise())
    if (interval === null || spread === null) return null
    needed[trial] = -interval.low / spread
  }
  return needed.sort()[Math.ceil(POWER * TRIALS) - 1]!
}
