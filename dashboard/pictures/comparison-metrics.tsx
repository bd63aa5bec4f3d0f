/** The metrics of a comparison in one table, with their intervals on a shared axis. */
import type { Comparison, MetricResult } from '../../analysis/comparison/comparison'
import { formatEffect, formatInterval, formatSize, knownIn } from '../../analysis/comparison/sentences'
import { median } from '../../analysis/statistics/median'
import { formatMetric, significantP } from '../../analysis/format'
import { marginBounds } from '../../analysis/statistics/metric'
import { numberColumn, Table, VerdictChip, type Column, type Content } from './parts'
import { changeAxis, IntervalPlot, type Changes } from './plots'

export function MetricsTable({ comparison }: { comparison: Comparison }) {
  const { primary, secondary, unknown, blocks } = comparison
  const results = [primary, ...secondary]
  const changes = results.map(changesOf)
  const axis = changeAxis(changes.flatMap(valuesOf))
  const rows = results.map((result, index): Content[] => [
    <>
      {result.entry.path} {index === 0 && <strong>(primary)</strong>}
      <br />
      <span class="muted">
        {result.entry.description};{' '}
        {result.metric.direction === 'neutral' ? 'neither way is better' : result.metric.direction}
        {blocks !== null && result.runs.baseline < blocks && `; known in ${knownIn(result, blocks)}`}
      </span>
    </>,
    <VerdictChip verdict={result.verdict} />,
    formatMetric(median(result.values.baseline), result.entry.unit),
    formatMetric(median(result.values.candidate), result.entry.unit),
    formatEffect(result, result.estimate),
    <>
      <IntervalPlot
        label={`${result.entry.path}: ${formatEffect(result, result.estimate)}, interval ${formatInterval(result)}`}
        {...changes[index]!}
        axis={axis}
      />
      <span class="muted">{formatInterval(result)}</span>
    </>,
    significantP(result.adjustedP),
    formatSize(result, result.minimumDetectable),
    formatSize(result, result.spreads.anySeed),
    formatSize(result, result.spreads.sameSeed)
  ])
  const columns: Column[] = [
    { title: 'Metric' },
    { title: 'Result' },
    ...['Baseline', 'Candidate', 'Change'].map(numberColumn),
    { title: 'Interval' },
    ...['p', 'Detectable', 'Spread', 'Same seed'].map(numberColumn)
  ]
  const zeros = results.filter(({ zerosReplaced }) => zerosReplaced > 0).map(({ entry }) => entry.path)
  return (
    <>
      <Table caption="Candidate against baseline" columns={columns} rows={rows} />
      <p class="muted">
        Baseline and candidate: medians over the runs. Interval: the big dot is the estimate, the bar its
        exact interval, the band the margin within which a change does not matter, the dashed line no change,
        and each small dot one block; all rows share one axis, in % or points. Detectable: the true change
        that is detected four times in five. Spread: standard deviation from run to run; same seed: what
        remains of it where both runs share a seed. p of secondary metrics is adjusted by Holm's procedure.
      </p>
      {unknown.length > 0 && <p class="muted">Unknown in these runs: {unknown.join(', ')}.</p>}
      {zeros.length > 0 && (
        <p class="muted">
          Some values are zero, so the size of the change is a convention: {zeros.join(', ')}.
        </p>
      )}
    </>
  )
}

function changesOf(result: MetricResult): Changes {
  const toShift = shiftOf(result)
  const { interval, metric } = result
  const bounds = ({ low, high }: Changes['margin']) => ({ low: toShift(low), high: toShift(high) })
  return {
    estimate: toShift(result.estimate),
    interval: interval && bounds(interval),
    margin: bounds(marginBounds(metric)),
    effects: blockEffects(result).map(toShift).filter(Number.isFinite)
  }
}

/** All of them, for the axis to cover. */
function valuesOf({ estimate, interval, margin, effects }: Changes): number[] {
  const bounds = [margin.low, margin.high, interval?.low ?? NaN, interval?.high ?? NaN]
  return [estimate, ...bounds, ...effects].filter(Number.isFinite)
}

/** Where the axis would end for a share: none falls by more than 100 points. */
const FARTHEST_FALL = -0.99

/** Converts an effect to its change on the axis: +0.1 of a share reads as 1.1 times, +10%. */
function shiftOf({ metric, entry }: MetricResult): (effect: number) => number {
  if (metric.scale === 'ratio') return Math.log
  return entry.unit === 'ratio' ? (effect) => Math.log1p(Math.max(FARTHEST_FALL, effect)) : Math.asinh
}

/** The effect in each block that has one. */
export function blockEffects({ design, values, metric }: MetricResult): number[] {
  if (design !== 'paired') return []
  return values.candidate
    .map((value, block) =>
      metric.scale === 'ratio' ? value / values.baseline[block]! : value - values.baseline[block]!
    )
    .filter(Number.isFinite)
}
