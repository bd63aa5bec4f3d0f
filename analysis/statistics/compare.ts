import { detectablePairedShift, detectableUnpairedShift } from './detectable'
import { holm } from './holm'
import { scaleRuns, type Metric, type ScaledRuns } from './metric'
import { permutationTest } from './permutation'
import { ALPHA, type Interval, type ShiftEstimate } from './shift'
import { signedRankDistribution, signFlipTest } from './sign-flip'
import { standardDeviation } from './standard-deviation'
import { judge, type Verdict } from './verdict'

/**
 * One metric of two builds. Effects are ratios candidate ÷ baseline or differences candidate − baseline, as
 * `metric.scale` says.
 */
export interface MetricComparison {
  metric: Metric
  design: 'paired' | 'unpaired'
  runs: { baseline: number; candidate: number }
  /** Hodges–Lehmann estimate of the effect. */
  estimate: number
  /** Exact interval of the effect at 95 % or the next level above that; null below 6 blocks. */
  interval: Interval | null
  /** Two-sided, exact, of this metric alone. */
  p: number
  /** Holm-adjusted, for a secondary metric; equal to `p` for the primary one. */
  adjustedP: number
  verdict: Verdict
  /**
   * Standard deviation, in the margin's unit (0.08 is 8 %): of the blocks' effects if paired, of the runs
   * within each build if not. Null where there are too few runs to have one.
   */
  spread: number | null
  /**
   * Smallest true change that these runs would have shown in four cases of five, in the margin's unit: 0.04
   * is 4 %.
   */
  minimumDetectable: number | null
  /** Zeros that a ratio had to replace; if there are any, the size of the estimate is a convention. */
  zerosReplaced: number
}

/**
 * Compares builds run in blocks: `baseline[i]` and `candidate[i]` are the two runs of block i, each reduced
 * to one number.
 * @throws RangeError for no runs, unequal numbers of runs, or values that the metric's scale cannot take
 */
export function comparePaired(
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[]
): MetricComparison {
  if (baseline.length !== candidate.length) {
    throw new RangeError(
      `${metric.name}: ${baseline.length} baseline and ${candidate.length} candidate runs do not pair up; ` +
        'leave incomplete blocks out, or compare them unpaired'
    )
  }
  const scaled = scaleRuns(metric, baseline, candidate)
  const differences = scaled.candidate.map((value, block) => value - scaled.baseline[block]!)
  const spread = standardDeviation([differences])
  const detectable = spread === null ? null : detectablePairedShift(differences.length, spread)
  return describe(metric, 'paired', scaled, signFlipTest(differences), spread, detectable)
}

/**
 * Compares two sets of runs that were not made in blocks.
 * @throws RangeError for no runs, or values that the metric's scale cannot take
 */
export function compareUnpaired(
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[]
): MetricComparison {
  const scaled = scaleRuns(metric, baseline, candidate)
  const spread = standardDeviation([scaled.baseline, scaled.candidate])
  const detectable =
    spread === null ? null : detectableUnpairedShift(baseline.length, candidate.length, spread)
  return describe(
    metric,
    'unpaired',
    scaled,
    permutationTest(scaled.baseline, scaled.candidate),
    spread,
    detectable
  )
}

/**
 * Judges secondary metrics again, together: *better* and *worse* now need a Holm-adjusted p below 0.05. Give
 * all of them and leave the primary metric out. Their intervals stay those of each metric alone.
 */
export function adjustSecondary(comparisons: readonly MetricComparison[]): MetricComparison[] {
  const adjusted = holm(comparisons.map(({ p }) => p))
  return comparisons.map((comparison, index) => {
    const { metric, estimate, interval } = comparison
    const adjustedP = adjusted[index]!
    return { ...comparison, adjustedP, verdict: judge(metric, estimate, interval, adjustedP) }
  })
}

/**
 * The fewest blocks with which at least one of so many metrics, adjusted together, can be found better or
 * worse: 6 for one metric, 9 for ten. With fewer, *same* is the only verdict besides *inconclusive*.
 */
export function blocksNeeded(metrics: number): number {
  let blocks = 1
  while (2 * metrics * signedRankDistribution(blocks)[0]! >= ALPHA) blocks++
  return blocks
}

function describe(
  metric: Metric,
  design: MetricComparison['design'],
  scaled: ScaledRuns,
  shift: ShiftEstimate,
  spread: number | null,
  detectable: number | null
): MetricComparison {
  const { toEffect, toSize, zerosReplaced } = scaled
  const estimate = toEffect(shift.estimate)
  const interval = shift.interval && {
    low: toEffect(shift.interval.low),
    high: toEffect(shift.interval.high),
    confidence: shift.interval.confidence
  }
  return {
    metric,
    design,
    runs: { baseline: scaled.baseline.length, candidate: scaled.candidate.length },
    estimate,
    interval,
    p: shift.p,
    adjustedP: shift.p,
    verdict: judge(metric, estimate, interval, shift.p),
    spread: spread === null ? null : toSize(spread),
    minimumDetectable: detectable === null ? null : toSize(detectable),
    zerosReplaced
  }
}
