/** `neutral`: the metric can change, but not for better or worse. */
export type Direction = 'lower is better' | 'higher is better' | 'neutral'

/**
 * By `ratio`: candidate ÷ baseline, on the logarithm, for what cannot be negative and has no ceiling within
 * reach (latency, bytes). By `difference`: candidate − baseline, in the metric's own unit, for what may be
 * negative, and for shares (0.01 is one percentage point): near 1, a ratio of losses would call 0.02% instead
 * of 0.01% a doubling, and a logit has no value at 1.
 */
export interface Metric {
  name: string
  direction: Direction
  scale: 'ratio' | 'difference'
  /** Largest change that does not matter: 0.03 is between 1 ÷ 1.03 and 1.03 times, or 0.03 of the unit. */
  margin: number
}

const same = (value: number) => value

/**
 * By scale: the effect that means "no change"; what a shift of scaled values is as an effect (a ratio or a
 * difference) and as a size in the margin's unit (0.03 is 3%); and the shift that a size is.
 */
export const SCALES = {
  ratio: { noChange: 1, toEffect: Math.exp, toSize: Math.expm1, toShift: Math.log1p },
  difference: { noChange: 0, toEffect: same, toSize: same, toShift: same }
}

/** Symmetric on the scale of comparison. */
export function marginBounds({ scale, margin }: Metric): { low: number; high: number } {
  return scale === 'ratio' ? { low: 1 / (1 + margin), high: 1 + margin } : { low: -margin, high: margin }
}

/**
 * Both sets of runs on the scale on which a change is a shift. For the logarithm, each zero is replaced with
 * half the smallest positive value of both builds (Martín-Fernández et al. 2003). As that treats both alike,
 * the tests stay exact, and zero in both runs of a block is a ratio of 1. But the size of a ratio to or from
 * zero is only a convention, which `zerosReplaced` reports.
 *
 * @param mostValue Infinity where a value may be what never came: it has a rank, after everything else
 * @throws RangeError for a value that is not a number up to that, or that is negative and makes a ratio
 */
export function scaleRuns(
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[],
  mostValue = Number.MAX_VALUE
) {
  checkValues(metric, 'baseline', baseline, mostValue)
  checkValues(metric, 'candidate', candidate, mostValue)
  if (metric.scale === 'difference') return { baseline, candidate, zerosReplaced: 0 }
  const runs = [...baseline, ...candidate]
  const positive = runs.filter((value) => value > 0 && value < Infinity)
  const standIn = positive.length > 0 ? Math.min(...positive) / 2 : 1
  const toLog = (value: number) => Math.log(value === 0 ? standIn : value)
  return {
    baseline: baseline.map(toLog),
    candidate: candidate.map(toLog),
    zerosReplaced: runs.filter((value) => value === 0).length
  }
}

function checkValues(metric: Metric, build: string, values: readonly number[], mostValue: number): void {
  for (const [index, value] of values.entries()) {
    const run = `${metric.name}: ${build} run ${index + 1}`
    if (!(Math.abs(value) <= mostValue))
      throw new RangeError(`${run} has the value ${value}; leave runs without a value out`)
    if (metric.scale === 'ratio' && value < 0)
      throw new RangeError(`${run} is ${value}; compare what can be negative by difference`)
  }
}
