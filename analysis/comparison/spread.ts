/** How much a metric varies from run to run, with different seeds and with the same seed. */
import { scaleRuns, type Metric } from '../statistics/metric'
import { standardDeviation } from '../statistics/standard-deviation'

/**
 * Standard deviations in the margin's unit: for a ratio, 0.08 is 8%; for a difference, 0.08 of the metric's
 * unit.
 */
export interface Spread {
  /** Between runs of one variant with any seed; null with fewer than 2 runs. */
  anySeed: number | null
  /**
   * Between runs with the same seed: the standard deviation of the blocks' differences ÷ √2. Null with fewer
   * than 2 blocks.
   */
  sameSeed: number | null
}

/** If `paired`, `baseline[i]` and `candidate[i]` share a seed. */
export function spreadOf(
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[],
  paired: boolean
): Spread {
  const scaled = scaleRuns(metric, baseline, candidate)
  const differences = paired ? scaled.candidate.map((value, block) => value - scaled.baseline[block]!) : []
  const sameSeed = standardDeviation([differences])
  return {
    anySeed: sized(standardDeviation([scaled.baseline, scaled.candidate]), scaled.toSize),
    sameSeed: sized(sameSeed === null ? null : sameSeed / Math.SQRT2, scaled.toSize)
  }
}

function sized(value: number | null, toSize: (shift: number) => number): number | null {
  return value === null ? null : toSize(value)
}
