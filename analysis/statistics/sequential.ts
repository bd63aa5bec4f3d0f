/**
 * The sign-flip test, repeated at several looks as blocks arrive. Its false-alarm probability is spent look
 * by look (Lan & DeMets 1983) and known exactly at each one: no normal approximation, no simulation.
 */
import { ALPHA } from './shift'
import { flipOneMore, inLargestUnit, positiveSum, positiveTail, signedRankWeights } from './signed-ranks'

export interface Look {
  /** Number of values known at that time. */
  count: number
  /** Share of the level that may be spent by then. It rises to 1 at the last look. */
  spent: number
}

/** Whether any of the looks showed the values to lie above zero, at a one-sided level of ALPHA. */
export function isShownAbove(values: readonly number[], looks: readonly Look[]): boolean {
  if (looks.length < 2) return sequentialP(values, looks) <= ALPHA * (1 + 1e-9)
  return leastCrossed(values, weightsOf(values, looks), looks, ALPHA) !== null
}

const weightsOf = (values: readonly number[], looks: readonly Look[]) =>
  inLargestUnit(signedRankWeights(values, looks[0]!.count))

/**
 * Given the sizes, each sign is a fair coin if the true shift is zero. So the distribution of the sums at all
 * looks is built up value by value, without the part that has crossed the boundary of an earlier look: the
 * probability of ever crossing is at most `level`, for any noise, tails and ties included. Returns the least
 * level with the same boundaries up to the first that is crossed, null if none is.
 */
function leastCrossed(values: readonly number[], weights: Int32Array, looks: readonly Look[], level: number) {
  const alive = new Float64Array(weights.reduce((total, weight) => total + weight, 1))
  alive[0] = 1
  let length = 1
  let [crossed, least] = [0, 0]
  let [sum, done] = [0, 0]
  for (const { count, spent } of looks) {
    sum += positiveSum(values.slice(done, count), weights.subarray(done, count))
    for (const weight of weights.subarray(done, count)) length = flipOneMore(alive, length, weight)
    done = count
    const allowed = level * spent * (1 + 1e-9)
    let boundary = length
    while (boundary > 0 && crossed + alive[boundary - 1]! <= allowed) crossed += alive[--boundary]!
    least = Math.max(least, crossed / spent)
    if (sum >= boundary) return least
    alive.fill(0, boundary, length)
    length = boundary
  }
  return null
}

/**
 * The smallest level at which, as at each larger one, the values are shown to lie above zero: a p-value that
 * stays valid whichever look ended the test. A level alone is not enough: a larger one can spend more at an
 * early look, and have less left for the next. With one look, it is that of the fixed test; with more, it is
 * rounded up by at most 1%. Above `ceiling`, it is returned as 1.
 */
export function sequentialP(values: readonly number[], looks: readonly Look[], ceiling = 1): number {
  if (looks.length === 0) return 1
  if (looks.length === 1) {
    const p = positiveTail(values.slice(0, looks[0]!.count)) / looks[0]!.spent
    return p > ceiling ? 1 : p
  }
  const weights = weightsOf(values, looks)
  const levelAt = (step: number) => ceiling / 1.01 ** step
  let shown = -1
  while (levelAt(shown) > LEAST) {
    const least = leastCrossed(values, weights, looks, levelAt(shown + 1))
    if (least === null) break
    shown = Math.max(shown + 1, Math.floor(Math.log(ceiling / least) / Math.log(1.01) - 1e-6))
  }
  return shown < 0 ? 1 : levelAt(shown)
}

/** The smallest p-value that any signs could have given these sizes: zeros have no sign. */
export function leastPOf(values: readonly number[]): number {
  return 0.5 ** values.filter((value) => value !== 0).length
}

/** No smaller level is tried. */
const LEAST = 1e-9

/** The smallest limit between `low` and `high` that is shown to hold, as all larger ones are. */
export function bisected(isShown: (limit: number) => boolean, low: number, high: number): number {
  for (let step = 0; step < 40; step++) {
    const middle = (low + high) / 2
    if (isShown(middle)) high = middle
    else low = middle
  }
  return high
}
