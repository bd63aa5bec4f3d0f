/** To which of two builds another is closer: half their difference away, by the exact sign-flip test. */
import { scaleRuns, type Metric } from '../statistics/metric'
import { positiveTail } from '../statistics/signed-ranks'
import { signFlipTest } from '../statistics/sign-flip'

/** The values of each build with the same seeds, in the order of the seeds. */
export interface Values {
  good: readonly number[]
  other: readonly number[]
}

/** The shift from the good build to the bad one on the metric's scale; null if it may be due to chance. */
export function shiftOf(metric: Metric, { good, other }: Values, level: number): number | null {
  const { estimate, p } = signFlipTest(differences(metric, { good, other }))
  return p <= level && estimate !== 0 ? estimate : null
}

/** Undefined if it is not decided at this level. */
export function closerTo(metric: Metric, values: Values, shift: number, level: number) {
  const beyond = differences(metric, values).map((each) => Math.sign(shift) * (each - shift / 2))
  if (positiveTail(beyond) <= level) return 'bad'
  if (positiveTail(beyond.map((each) => -each)) <= level) return 'good'
  return undefined
}

function differences(metric: Metric, { good, other }: Values): number[] {
  const { baseline, candidate } = scaleRuns(metric, good, other)
  return candidate.map((value, index) => value - baseline[index]!)
}
