/** A comparison as text for a terminal. */
import { significant, UNKNOWN } from '../format'
import type { Verdict } from '../statistics'
import { ansi, plain, table, wrapWords, type Paint } from '../text'
import type { Comparison, MetricResult } from './comparison'
import { describeDifference } from './likeness'
import {
  detectableSentence,
  formatEffect,
  formatInterval,
  formatSize,
  meshSentence,
  secondarySentence,
  verdictSentence,
  significantP
} from './sentences'

/** Tables and sentences, ending in a line feed. `colour`: ANSI colours, for a terminal. */
export function comparisonText(comparison: Comparison, { colour = false } = {}): string {
  const paint = colour ? ansi : plain
  const sections = [
    headline(comparison),
    metricsTable(comparison, paint),
    unusedRuns(comparison),
    ...unlike(comparison),
    [
      verdictSentence(comparison),
      detectableSentence(comparison),
      secondarySentence(comparison),
      meshSentence(comparison)
    ]
      .filter((sentence) => sentence !== null)
      .map((sentence) => wrapWords(sentence, ''))
      .join('\n')
  ]
  return `${sections.join('\n\n')}\n`
}

function headline({ id, baseline, candidate, setting, blocks }: Comparison): string {
  const { peers, seconds, warmup, routine } = setting
  const design = blocks === null ? 'unpaired' : `${blocks} complete ${blocks === 1 ? 'block' : 'blocks'}`
  return [
    `Comparison ${id}: ${peers} peers, routine ${routine}, ${seconds} s with ${warmup} s of warm-up, ${design}`,
    `  baseline   ${baseline.name}`,
    `  candidate  ${candidate.name}`
  ].join('\n')
}

function metricsTable({ primary, secondary, unknown }: Comparison, paint: Paint): string {
  const head = ['metric', 'change', 'interval', 'p', 'verdict', 'could see', 'spread', 'one seed']
  const rows = [primary, ...secondary].map((result) => metricRow(result, result === primary, paint))
  const notes = [
    '* primary. Change: candidate against baseline. Could see: the smallest change seen four times in five.',
    'Spread: standard deviation from run to run; one seed: what is left of it where both runs share a seed.',
    ...(unknown.length > 0 ? [wrapWords(`Not known in these runs: ${unknown.join(', ')}.`, '')] : []),
    ...zeroNote([primary, ...secondary])
  ]
  return [table(head, rows), ...notes].join('\n')
}

function metricRow(result: MetricResult, isPrimary: boolean, paint: Paint): string[] {
  const { entry, estimate, adjustedP, verdict, minimumDetectable, spreads } = result
  return [
    `${entry.path}${isPrimary ? ' *' : ''}`,
    formatEffect(result, estimate),
    formatInterval(result),
    significantP(adjustedP),
    painted(verdict, paint),
    formatSize(result, minimumDetectable),
    formatSize(result, spreads.anySeed),
    formatSize(result, spreads.sameSeed)
  ]
}

function zeroNote(results: readonly MetricResult[]): string[] {
  const replaced = results.filter(({ zerosReplaced }) => zerosReplaced > 0).map(({ entry }) => entry.path)
  return replaced.length === 0
    ? []
    : [
        wrapWords(
          `Zeros among the values, so that the size of the change is a convention: ${replaced.join(', ')}.`,
          ''
        )
      ]
}

function painted(verdict: Verdict, paint: Paint): string {
  if (verdict === 'worse') return paint(verdict, 'red')
  return verdict === 'better' || verdict === 'same' ? paint(verdict, 'green') : verdict
}

/** Those that were not used; the report has them all. */
function unusedRuns({ runs, primary }: Comparison): string {
  const used = runs.filter((run) => run.used)
  const left = runs.filter((run) => !run.used)
  const count = `${used.length} of ${runs.length} runs are compared.`
  if (left.length === 0) return count
  const lines = left.map(({ testId, build, block, attempt, values, remark }) => {
    const place = block === null ? build : `${build}, block ${block + 1}, attempt ${attempt}`
    const value = `${primary.entry.path} ${number(values[primary.entry.path])}`
    return wrapWords(`  ${testId} (${place}, ${value})${remark === null ? '' : `: ${remark}`}`, '    ')
  })
  return [`${count} The others:`, ...lines].join('\n')
}

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? UNKNOWN : significant(value)
}

function unlike({ differences }: Comparison): string[] {
  if (differences.length === 0) return []
  const lines = differences.map((difference) => wrapWords(`  ${describeDifference(difference)}`, '    '))
  return [
    `Forced: these runs are unlike, and what differs may be the cause of any change.\n${lines.join('\n')}`
  ]
}
