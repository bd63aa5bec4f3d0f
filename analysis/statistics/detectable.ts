import { permutationTest } from './permutation'
import { seededRandom, type Random } from './random'
import type { ShiftEstimate } from './shift'
import { signFlipTest } from './sign-flip'

/** Chance of seeing a change of the minimum detectable size; 80 % is the convention (Cohen 1988). */
export const POWER = 0.8

const TRIALS = 2000
const SEED = 1963

/**
 * The smallest true shift that this many blocks would have shown, with p < 0.05, four times in five, if
 * blocks scatter as much as these did. It says what a comparison *could* see, so that "inconclusive" can be
 * told from "did not look hard enough".
 *
 * The scatter comes from the blocks, not the effect: power computed from the observed effect says nothing
 * that p does not (Hoenig & Heisey 2001). From 6 blocks the scatter itself is known to about a third, and so
 * is this figure.
 *
 * @param spread standard deviation of the blocks' differences
 * @returns the shift in the unit of `spread`; null where no shift could reach p < 0.05
 */
export function detectablePairedShift(blocks: number, spread: number): number | null {
  return scaled(spread, `${blocks}`, (random) => signFlipTest(noise(random, blocks)))
}

/** The same for two unpaired sets, of which `spread` is the standard deviation within each. */
export function detectableUnpairedShift(baseline: number, candidate: number, spread: number): number | null {
  return scaled(spread, `${baseline},${candidate}`, (random) =>
    permutationTest(noise(random, baseline), noise(random, candidate))
  )
}

/** Depends on nothing but the number of runs, and is asked again for every metric. */
const shiftsInSpreads = new Map<string, number | null>()

function scaled(spread: number, runs: string, testOfNoise: (random: Random) => ShiftEstimate): number | null {
  let shift = shiftsInSpreads.get(runs)
  if (shift === undefined) {
    shift = shiftInSpreads(testOfNoise)
    shiftsInSpreads.set(runs, shift)
  }
  return shift === null ? null : shift * spread
}

/**
 * A shift δ added to noise moves its interval by δ, so it is seen when the noise's own lower limit lies above
 * −δ. Hence no search: the shift seen with probability POWER is that quantile of the negated lower limits of
 * simulated normal noise.
 */
function shiftInSpreads(testOfNoise: (random: Random) => ShiftEstimate): number | null {
  const random = seededRandom(SEED)
  const needed = new Float64Array(TRIALS)
  for (let trial = 0; trial < TRIALS; trial++) {
    const { interval } = testOfNoise(random)
    if (interval === null) return null
    needed[trial] = -interval.low
  }
  return needed.sort()[Math.ceil(POWER * TRIALS) - 1]!
}

function noise(random: Random, runs: number): number[] {
  return Array.from({ length: runs }, () => random.normal())
}
