import { permutationShift } from './permutation'
import { seededRandom, type Random } from './random'
import { ALPHA, type Interval } from './shift'
import { signFlipShift } from './sign-flip'
import { standardDeviation } from './standard-deviation'

/** Probability of detecting a change of the minimum detectable size; 80% is the convention (Cohen 1988). */
export const POWER = 0.8

const TRIALS = 4000
const SEED = 1963

/**
 * The true shift that this many blocks would show at this level with a mean power of 80%, if blocks scatter
 * as much as these did. It says what a comparison *could* detect, which separates "inconclusive" from "did
 * not look hard enough".
 *
 * The scatter comes from the blocks, not from the effect: power computed from the observed effect adds
 * nothing to p (Hoenig & Heisey 2001). But the scatter of a few blocks is itself uncertain: if it comes out
 * too small, so does the shift. The mean therefore also covers that uncertainty: over repeated comparisons,
 * the true power at the printed shift is 80%.
 *
 * @param spread standard deviation of the blocks' differences
 * @param level two-sided level of the test that is to detect the shift: 0.05 ÷ k for one of k metrics
 * @returns the shift in the unit of `spread`; null if no shift could be detected
 */
export function detectablePairedShift(blocks: number, spread: number, level = ALPHA): number | null {
  return scaled(spread, `${blocks} at ${level}`, (random) => {
    const { interval } = signFlipShift(noise(random, blocks), level)
    return { interval, spread: standardDeviation([noise(random, blocks)]) }
  })
}

/**
 * The same for planning, when the spread is known from elsewhere.
 * @param spread true standard deviation of the blocks' differences
 */
export function plannedPairedShift(blocks: number, spread: number, level = ALPHA): number | null {
  return scaled(spread, `${blocks} at ${level}, planned`, (random) => ({
    interval: signFlipShift(noise(random, blocks), level).interval,
    spread: 1
  }))
}

/** The same for two unpaired sets. `spread` is the standard deviation within each set. */
export function detectableUnpairedShift(
  baseline: number,
  candidate: number,
  spread: number,
  level = ALPHA
): number | null {
  return scaled(spread, `${baseline}, ${candidate} at ${level}`, (random) => {
    const { interval } = permutationShift(noise(random, baseline), noise(random, candidate), level)
    return { interval, spread: standardDeviation([noise(random, baseline), noise(random, candidate)]) }
  })
}

interface Trial {
  interval: Interval | null
  /** An independent estimate, as other runs of the same truth would give it. */
  spread: number | null
}

/** A cache: the result depends only on the number of runs and the level, and is needed for every metric. */
const shiftsInSpreads = new Map<string, number | null>()

function scaled(spread: number, key: string, trialOf: (random: Random) => Trial): number | null {
  let shift = shiftsInSpreads.get(key)
  if (shift === undefined) shiftsInSpreads.set(key, (shift = shiftInSpreads(trialOf)))
  return shift === null ? null : shift * spread
}

/**
 * A shift δ added to noise moves its interval by δ, so it is detected if the noise's own lower limit lies
 * above −δ. No search is needed: with δ = c × the estimated spread, the c that suffices with probability
 * POWER is that quantile of the negated lower limits divided by independently estimated spreads.
 */
function shiftInSpreads(trialOf: (random: Random) => Trial): number | null {
  const random = seededRandom(SEED)
  const needed = new Float64Array(TRIALS)
  for (let trial = 0; trial < TRIALS; trial++) {
    const { interval, spread } = trialOf(random)
    if (interval === null || spread === null) return null
    needed[trial] = -interval.low / spread
  }
  return needed.sort()[Math.ceil(POWER * TRIALS) - 1]!
}

function noise(random: Random, runs: number): number[] {
  return Array.from({ length: runs }, () => random.normal())
}
