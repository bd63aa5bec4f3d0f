import { detectableShift } from './detectable'
import { holm } from './holm'
import { SCALES, scaleRuns, type Metric } from './metric'
import { permutationTest } from './permutation'
import { ALPHA } from './shift'
import { signedRankDistribution, signFlipTest } from './sign-flip'
import { standardDeviation } from './standard-deviation'
import { judge } from './verdict'

/** One metric of two builds. By `metric.scale`, effects are candidate ÷ baseline or candidate − baseline. */
export type MetricComparison = ReturnType<typeof compareRuns>

/** Paired runs share an index. Throws RangeError for no or unequal runs, or values outside the scale. */
export function compareRuns(
  design: 'paired' | 'unpaired',
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[]
) {
  const isPaired = design === 'paired'
  if (isPaired && baseline.length !== candidate.length) {
    throw new RangeError(
      `${metric.name}: ${baseline.length} baseline and ${candidate.length} candidate runs do not pair up; ` +
        'leave incomplete blocks out, or compare them unpaired'
    )
  }
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
    ...{ metric, design, runs, estimate, interval },
    /** Two-sided and exact, of this metric alone. */
    p: shift.p,
    /** Holm-adjusted for a secondary metric. */
    adjustedP: shift.p,
    verdict: judge(metric, estimate, interval, shift.p),
    /** Of the blocks' effects if paired, of the runs within each build if not; null with too few of them. */
    spread,
    /** Standard deviations in the margin's unit: 0.08 is 8%. The blocks' differences tell `sameSeed`. */
    spreads: { anySeed: sized(ofRuns), sameSeed: sized(ofBlocks && ofBlocks / Math.SQRT2) },
    /** The true change, in the margin's unit, that such runs show in four of five cases; null if none. */
    minimumDetectable: detectableChange(metric, design, runs, spread),
    /** If there are any, the size of the estimate is a convention. */
    zerosReplaced: scaled.zerosReplaced
  }
}

/** Judges all secondary metrics again, together, by Holm-adjusted p. Intervals stay those of each alone. */
export function adjustSecondary<T extends MetricComparison>(comparisons: readonly T[]): T[] {
  const adjusted = holm(comparisons.map(({ p }) => p))
  return comparisons.map((comparison, index) => {
    const { metric, design, runs, spread, estimate, interval } = comparison
    const adjustedP = adjusted[index]!
    return {
      ...comparison,
      adjustedP,
      verdict: judge(metric, estimate, interval, adjustedP),
      // At the level that Holm's procedure applies to the first of them.
      minimumDetectable: detectableChange(metric, design, runs, spread, ALPHA / comparisons.length)
    }
  })
}

function detectableChange(
  { scale }: Metric,
  design: 'paired' | 'unpaired',
  runs: { baseline: number; candidate: number },
  spread: number | null,
  level = ALPHA
): number | null {
  if (spread === null) return null
  const { toShift, toSize } = SCALES[scale]
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
