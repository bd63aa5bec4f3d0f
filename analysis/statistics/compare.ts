import { detectableShift } from './detectable'
import { holm } from './holm'
import { SCALES, scaleRuns, type Metric } from './metric'
import { permutationTest } from './permutation'
import { ALPHA, type Interval } from './shift'
import { signedRankDistribution, signFlipTest } from './sign-flip'
import { standardDeviation } from './standard-deviation'
import { judge, type Verdict } from './verdict'

/** One metric of two builds. By `metric.scale`, effects are candidate ÷ baseline or candidate − baseline. */
export interface MetricComparison {
  metric: Metric
  design: 'paired' | 'unpaired'
  runs: { baseline: number; candidate: number }
  /** Hodges–Lehmann estimate of the effect. */
  estimate: number
  /** Exact interval of the effect at 95%, or the next attainable level above; null below 6 blocks. */
  interval: Interval | null
  /** Two-sided and exact, of this metric alone. */
  p: number
  /** Holm-adjusted for a secondary metric; equal to `p` for the primary one. */
  adjustedP: number
  verdict: Verdict
  /** Standard deviation in the margin's unit (0.08 is 8%): of the blocks' effects, or of unpaired runs. */
  spread: number | null
  /** Of the runs of one build with any seed; with the same seed, that of the blocks' differences ÷ √2. */
  spreads: { anySeed: number | null; sameSeed: number | null }
  /** The true change, in the margin's unit, that such runs show in four of five cases; null if none. */
  minimumDetectable: number | null
  /** Zeros replaced to form a ratio: if there are any, the size of the estimate is a convention. */
  zerosReplaced: number
}

/**
 * Compares two builds by one number of each run. If paired, runs with the same index share a block.
 * @throws RangeError for values outside the metric's scale
 */
export function compareRuns(
  design: MetricComparison['design'],
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[]
): MetricComparison {
  const isPaired = design === 'paired'
  const scaled = scaleRuns(metric, baseline, candidate)
  const differences = isPaired ? scaled.candidate.map((value, block) => value - scaled.baseline[block]!) : []
  const shift = isPaired ? signFlipTest(differences) : permutationTest(scaled.baseline, scaled.candidate)
  const { toEffect, toSize } = SCALES[metric.scale]
  const runs = { baseline: baseline.length, candidate: candidate.length }
  const sized = (deviation: number | null) => deviation && toSize(deviation)
  const ofRuns = standardDeviation([scaled.baseline, scaled.candidate])
  const ofBlocks = standardDeviation([differences])
  const spread = sized(isPaired ? ofBlocks : ofRuns)
  const estimate = toEffect(shift.estimate)
  const interval = shift.interval && {
    low: toEffect(shift.interval.low),
    high: toEffect(shift.interval.high),
    confidence: shift.interval.confidence
  }
  return {
    metric,
    design,
    runs,
    estimate,
    interval,
    p: shift.p,
    adjustedP: shift.p,
    verdict: judge(metric, estimate, interval, shift.p),
    spread,
    spreads: { anySeed: sized(ofRuns), sameSeed: sized(ofBlocks && ofBlocks / Math.SQRT2) },
    minimumDetectable: detectableChange({ metric, design, runs, spread }),
    zerosReplaced: scaled.zerosReplaced
  }
}

/**
 * Judges all secondary metrics again, together: *better* and *worse* now require a Holm-adjusted p below
 * 0.05. Pass all of them, without the primary metric. Each interval remains that of its metric alone.
 */
export function adjustSecondary<T extends MetricComparison>(comparisons: readonly T[]): T[] {
  const adjusted = holm(comparisons.map(({ p }) => p))
  return comparisons.map((comparison, index) => {
    const { metric, estimate, interval } = comparison
    const adjustedP = adjusted[index]!
    return {
      ...comparison,
      adjustedP,
      verdict: judge(metric, estimate, interval, adjustedP),
      // At the level that Holm's procedure applies to the first of them.
      minimumDetectable: detectableChange(comparison, ALPHA / comparisons.length)
    }
  })
}

function detectableChange(
  { metric, design, runs, spread }: Pick<MetricComparison, 'metric' | 'design' | 'runs' | 'spread'>,
  level = ALPHA
): number | null {
  if (spread === null) return null
  const { toShift, toSize } = SCALES[metric.scale]
  const counts = design === 'paired' ? [runs.baseline] : [runs.baseline, runs.candidate]
  const detectable = detectableShift(counts, toShift(spread), { level })
  return detectable && toSize(detectable)
}

/** The fewest blocks with which one of this many metrics, adjusted together, can be better or worse. */
export function blocksNeeded(metrics: number): number {
  let blocks = 1
  while (2 * metrics * signedRankDistribution(blocks)[0]! >= ALPHA) blocks++
  return blocks
}
