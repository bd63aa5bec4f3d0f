/** What a comparison says, in words: the same in a terminal and on a page. */
import { formatMetric, significant } from '../format'
import type { MetricEntry } from '../metrics-catalog'
import { DEFAULT_MARGIN, type Interval, type MetricComparison } from '../statistics'
import type { Comparison, MetricResult } from './comparison'

/** A ratio as a change in per cent, a difference in the metric's unit: "+12.3 %", "−0.5 points". */
export function formatEffect(result: MetricResult, effect: number): string {
  if (result.metric.scale === 'ratio')
    return effect >= 2 || effect <= 0.2 ? `× ${significant(effect)}` : signed((effect - 1) * 100, '%')
  return result.entry.unit === 'ratio' ? signed(effect * 100, 'points') : signed(effect, result.entry.unit)
}

export function formatInterval(result: MetricResult): string {
  const { interval } = result
  return interval === null
    ? 'none'
    : `${formatEffect(result, interval.low)} … ${formatEffect(result, interval.high)}`
}

/** The size of a change, of a spread or a margin, without a sign. */
export function formatSize(
  { metric, entry }: { metric: MetricComparison['metric']; entry: MetricEntry },
  size: number | null
): string {
  if (size === null) return '–'
  if (metric.scale === 'ratio') return `${significant(size * 100)} %`
  return entry.unit === 'ratio' ? `${significant(size * 100)} points` : formatMetric(size, entry.unit)
}

/** p-values to two digits; what is smaller is said so. */
export function significantP(p: number): string {
  return p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2)))
}

/** The verdict on the primary metric, as a sentence. */
export function verdictSentence({ primary, blocks }: Comparison): string {
  const { verdict, estimate, runs } = primary
  const change = formatEffect(primary, estimate)
  const sure = intervalWords(primary, primary.interval)
  const name = primary.entry.path
  switch (verdict) {
    case 'better':
    case 'worse':
    case 'changed':
      return `${name} is ${verdict}: ${change}${sure}.`
    case 'same':
      return `${name} is the same: ${change}${sure}, all of it within the margin of ${formatSize(primary, marginOf(primary))}.`
    case 'inconclusive':
      return `${name} is inconclusive: ${change}${sure}. There may be no change, or one that matters.`
    case 'not enough runs':
      return `Not enough runs: ${blocks === null ? `${runs.baseline} against ${runs.candidate} runs` : `${blocks} ${plural(blocks, 'block')}`} cannot tell a change from chance, however large; ${blocks === null ? '4 against 4 runs' : '6 blocks'} are the fewest.`
  }
}

/** What these runs could have shown; null where they are too few to tell. */
export function detectableSentence({ primary, blocks }: Comparison): string | null {
  if (primary.minimumDetectable === null) return null
  const runs = blocks === null ? 'these runs' : `these ${blocks} blocks`
  return `With ${runs} a change of ${formatSize(primary, primary.minimumDetectable)} in ${primary.entry.path} would have been seen four times in five.`
}

/** Why no secondary metric is better or worse, where it could not be; null where it could. */
export function secondarySentence({
  primary,
  secondary,
  blocks,
  blocksForSecondary
}: Comparison): string | null {
  if (blocks === null || secondary.length === 0 || blocks >= blocksForSecondary) return null
  // Then the primary metric's own sentence says it all.
  if (primary.verdict === 'not enough runs') return null
  return `${secondary.length} secondary ${plural(secondary.length, 'metric')} share 5 % of false alarms: with ${blocks} ${plural(blocks, 'block')} none of them can be called better or worse, which takes ${blocksForSecondary}.`
}

/** How alike the meshes were; null where none is known. */
export function meshSentence({ meshes: { sameSeed, otherSeeds } }: Comparison): string | null {
  const share = (likeness: number) => `${significant(likeness * 100)} %`
  if (sameSeed === null && otherSeeds === null) return null
  const parts = [
    ...(sameSeed === null ? [] : [`${share(sameSeed)} of their links if they share a seed`]),
    ...(otherSeeds === null ? [] : [`${share(otherSeeds)} if they do not`])
  ]
  return `Two meshes have in common ${parts.join(', and ')}.`
}

export function marginOf({ metric }: MetricComparison): number {
  return metric.margin ?? DEFAULT_MARGIN
}

function intervalWords(result: MetricResult, interval: Interval | null): string {
  return interval === null
    ? ''
    : ` (${formatInterval(result)} with ${significant(interval.confidence * 100)} % confidence)`
}

function signed(value: number, unit: string): string {
  const size = significant(Math.abs(value))
  const sign = size === '0' ? '' : value < 0 ? '−' : '+'
  return `${sign}${size} ${unit}`
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`
}
