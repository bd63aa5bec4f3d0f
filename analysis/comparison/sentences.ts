/** Describes a comparison in words, the same in a terminal and on a page. */
import { counted, formatChange, formatMargin, formatMetric, significant, UNKNOWN } from '../format'
import { median } from '../statistics/median'
import type { Comparison, MetricResult } from './comparison'

export function formatEffect(result: MetricResult, effect: number): string {
  return formatChange(result.metric.scale, result.entry.unit, effect)
}

export function formatInterval(result: MetricResult): string {
  const { interval } = result
  return interval === null
    ? 'none'
    : `${formatEffect(result, interval.low)} … ${formatEffect(result, interval.high)}`
}

export function formatSize({ metric, entry }: MetricResult, size: number | null): string {
  return size === null ? UNKNOWN : formatMargin(metric.scale, entry.unit, size)
}

export function resultSentence({ primary, blocks }: Comparison): string {
  const { verdict, estimate, runs } = primary
  const change = `${formatEffect(primary, estimate)}, ${mediansWords(primary)}`
  const sure = intervalWords(primary)
  const name = primary.entry.path
  switch (verdict) {
    case 'better':
    case 'worse':
    case 'changed':
      return `${name} is ${verdict}: ${change}${sure}.`
    case 'same':
      return `${name} is the same: ${change}${sure}, all of it within the margin of ${formatSize(primary, primary.metric.margin)}.`
    case 'inconclusive':
      return `${name} is inconclusive: ${change}${sure}. There may be no change, or one that matters.`
    case 'not enough runs':
      return `Not enough runs for ${name}: ${blocks === null ? `${runs.baseline} against ${runs.candidate} runs` : knownIn(primary, blocks)} cannot distinguish even the largest change from chance; at least ${blocks === null ? '4 against 4 runs' : '6 blocks'} are needed.`
  }
}

/** Beside the result: how the runs were made, and what they could have shown. */
export const remarkSentences = (comparison: Comparison): string[] =>
  [arrangementSentence, detectableSentence, secondarySentence, meshSentence].flatMap(
    (sentence) => sentence(comparison) ?? []
  )

function detectableSentence({ primary, blocks }: Comparison): string | null {
  if (primary.minimumDetectable === null) return null
  const runs = blocks === null ? 'these runs' : `these ${knownIn(primary, blocks)}`
  if (/^0[ %]/.test(formatSize(primary, primary.minimumDetectable)))
    return `In ${runs}, ${primary.entry.path} repeats exactly, so that any change is detected.`
  return `With ${runs}, a change of ${formatSize(primary, primary.minimumDetectable)} in ${primary.entry.path} is detected four times in five.`
}

/** Why no secondary metric could be found better or worse; null if one could. */
function secondarySentence(comparison: Comparison): string | null {
  const { primary, secondary, blocks, blocksForSecondary } = comparison
  if (blocks === null || secondary.length === 0 || blocks >= blocksForSecondary) return null
  // The primary metric's sentence already covers this case.
  if (primary.verdict === 'not enough runs') return null
  return `${counted(secondary.length, 'secondary metric')} share 5% of false alarms: it takes ${blocksForSecondary} blocks to call any of them better or worse, and there are ${blocks}.`
}

/** "5 of 8 blocks": in how many both builds know the metric. */
export function knownIn({ runs }: MetricResult, blocks: number): string {
  return `${runs.baseline === blocks ? '' : `${runs.baseline} of `}${counted(blocks, 'block')}`
}

function meshSentence({ meshes: { sameSeed, otherSeeds } }: Comparison): string | null {
  const share = (likeness: number) => `${significant(likeness * 100)}%`
  if (sameSeed === null && otherSeeds === null) return null
  const parts = [
    ...(sameSeed === null ? [] : [`${share(sameSeed)} with the same seed`]),
    ...(otherSeeds === null ? [] : [`${share(otherSeeds)} with different seeds`])
  ]
  return `Links that the meshes of two runs share: ${parts.join(', ')}.`
}

/** "12.1 → 13.4 ms; lower is better": the medians of both builds, and which direction is better. */
function mediansWords({ values, entry, metric }: MetricResult): string {
  const [from, to] = [values.baseline, values.candidate].map((each) => formatMetric(median(each), entry.unit))
  return `${from!} → ${to!}, ${metric.direction === 'neutral' ? 'neither way is better' : metric.direction}`
}

export function arrangementSentence({ arrangement, interference, baseline }: Comparison): string {
  const { kind, reason } = arrangement
  if (baseline.provenance.engine === 'simulation')
    return 'In virtual time, where runs cannot disturb each other.'
  const because = reason === null ? '' : `: ${reason}`
  switch (kind) {
    case 'isolated':
      return `Isolated: both builds of a block ran at once, each browser on cores of its own.${interferenceWords(interference)}`
    case 'side by side':
      return `Side by side on shared cores${because}. One build can slow the other, so timed metrics are never called the same.${interferenceWords(interference)}`
    case 'one after the other':
      return `One after the other${because}.`
    case 'made separately':
      return 'The runs were made separately, not as one comparison.'
  }
}

function interferenceWords(interference: Comparison['interference']): string {
  if (interference === null || interference.length === 0) return ''
  const parts = interference.map(
    ({ build, metric, ratio }) => `${metric} of the ${build} ${formatChange('ratio', 'ms', ratio)}`
  )
  const { blocks } = interference[0]!
  return ` Interference (together against alone, ${counted(blocks, 'block')}): ${parts.join(', ')}.`
}

function intervalWords(result: MetricResult): string {
  return result.interval === null
    ? ''
    : ` (${formatInterval(result)} with ${significant(result.interval.confidence * 100)}% confidence)`
}
