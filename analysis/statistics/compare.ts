import { standardDeviation } from '../distribution'
import { detectableShift } from './detectable'
import { marginBounds, SCALES, scaleRuns, type Metric } from './metric'
import { permutationTest } from './permutation'
import { ALPHA, type Interval } from './shift'
import { signedRankDistribution, signFlipTest } from './sign-flip'

/**
 * `changed`: in either direction of a neutral metric. `same`: shown to differ by less than the margin, which
 * is more than failing to detect a difference. `not enough runs`: no difference could reach `p < ALPHA`.
 */
export type Verdict = 'better' | 'worse' | 'changed' | 'same' | 'inconclusive' | 'not enough runs'

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
 * @throws RangeError for no runs, unequal numbers of paired runs, or values outside the metric's scale
 */
export function compareRuns(
  design: MetricComparison['design'],
  metric: Metric,
  baseline: readonly number[],
  candidate: readonly number[]
): MetricComparison {
  const isPaired = design === 'paired'
  if (isPaired && baseline.length !== candidate.length)
    throw new RangeError(
      `${metric.name}: ${baseline.length} baseline and ${candidate.length} candidate runs do not pair up; ` +
        'leave incomplete blocks out, or compare them unpaired'
    )
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
 * The first matching line decides. It shows "lower is better"; mirror it for "higher is better". A neutral
 * metric is *changed* where others are better or worse.
 *
 *                    1÷1.03  1  1.03
 *  (no interval)        ╎    │    ╎                   not enough runs
 *                       ╎ ├──┼●─┤ ╎                   same           whole interval inside the margin
 *                       ╎    │├●─┤╎                   same           significant, yet too small to matter
 *      ├─────●────┤     ╎    │    ╎                   better         interval excludes 1, that is p < 0.05
 *                ├───●──┼──┤ │    ╎                   better         … but by an uncertain amount
 *                       ╎    │    ╎  ├────●─────┤     worse
 *                       ╎    │ ├──┼───●───┤           worse
 *                       ╎  ├─┼────┼─●─────┤           inconclusive   may be none, or one that matters
 *               ├───────┼────┼●───┼─────────┤         inconclusive
 *
 * *Same* is the two one-sided tests procedure (Schuirmann 1987), with the interval that is drawn instead of
 * the usual 90%: stricter than necessary, but one interval then explains every verdict.
 *
 * @param p p-value of the test that the interval inverts, or adjusted for several metrics
 */
export function judge(metric: Metric, estimate: number, interval: Interval | null, p: number): Verdict {
  const margin = marginBounds(metric)
  if (interval === null) return 'not enough runs'
  if (interval.low > margin.low && interval.high < margin.high) return 'same'
  if (p >= ALPHA) return 'inconclusive'
  if (metric.direction === 'neutral') return 'changed'
  // The test leaves out ties, the estimate does not: where most blocks are alike, it has no direction.
  const { noChange } = SCALES[metric.scale]
  if (estimate === noChange) return 'inconclusive'
  const higher = estimate > noChange
  return higher === (metric.direction === 'higher is better') ? 'better' : 'worse'
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

/**
 * Holm's step-down adjustment (Holm 1979): with the adjusted p-values, the probability of even one false
 * alarm among all these tests stays within the level, however the tests depend on each other.
 * @returns the adjusted p-values, in the order given
 */
export function holm(pValues: readonly number[]): number[] {
  const adjusted = new Array<number>(pValues.length)
  let largestSoFar = 0
  const smallestFirst = pValues.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  smallestFirst.forEach(({ p, index }, step) => {
    largestSoFar = Math.max(largestSoFar, Math.min(1, p * (pValues.length - step)))
    adjusted[index] = largestSoFar
  })
  return adjusted
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
