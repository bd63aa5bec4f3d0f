import { formatMetric, significantP } from '../format'
import type { Gate } from '../gate/result'
import { gateHeadline } from '../gate/headline'
import { GATE_FIGURES, GATE_LEGEND, gateNotes, gateRemarks, gateRows, gateSentence } from '../gate/sentences'
import { ansi, plain, table, wrapWords, type Paint } from '../text'
import type { Comparison, Conclusion, MetricResult } from './comparison'
import { remarksOf } from './heading'
import { formatEffect, formatInterval, formatSize, remarkSentences, resultSentence } from './sentences'
import { median } from '../statistics/median'

/**
 * Tables and sentences, ending with a newline; if no run could be compared, the gate and why. `colour` adds
 * ANSI colours for a terminal.
 */
export function comparisonText(comparison: Conclusion, { colour = false } = {}): string {
  const paint = colour ? ansi : plain
  const { heading, stopped, gate, next } = comparison
  const lines = [heading.title, heading.facts, ...remarksOf(heading, stopped)]
  const sections = [
    lines.map((line) => wrapWords(line, '  ')).join('\n'),
    gateText(gate, paint),
    ...('why' in comparison ? [comparison.why] : exploredText(comparison, paint)),
    ...(next === null ? [] : [`Next, to decide it:\n  ${next}`])
  ]
  return `${sections.join('\n\n')}\n`
}

function exploredText(comparison: Comparison, paint: Paint): string[] {
  const sentences = [resultSentence(comparison), ...remarkSentences(comparison)]
  return [
    'For exploring, not part of the gate:',
    metricsTable(comparison, paint),
    unusedRuns(comparison),
    sentences.map((sentence) => wrapWords(sentence)).join('\n')
  ]
}

function gateText(gate: Gate, paint: Paint): string {
  const rows = gateRows(gate).map((row) => [
    row.isFirstOfCriterion ? `${row.criterion}: ${row.metric}` : `  ${row.metric}`,
    painted(row.result, paint),
    ...GATE_FIGURES.map((figure) => row[figure])
  ])
  const colours = { worse: 'red', pass: 'green' } as const
  const headline = gateHeadline(gate)
  return [
    wrapWords(`Verdict: ${gate.verdict === 'undecided' ? headline : paint(headline, colours[gate.verdict])}`),
    wrapWords(gateSentence(gate)),
    '',
    table(['criterion', 'result', ...GATE_FIGURES], rows),
    wrapWords(GATE_LEGEND),
    ...gateRemarks(gate).map((remark) => wrapWords(`- ${remark}`, '  ')),
    ...gateNotes(gate).map((note) => wrapWords(note)),
    ...attemptsText(gate)
  ].join('\n')
}

function attemptsText({ attempts: { baseline, candidate, reasons } }: Gate): string[] {
  if (reasons.length === 0) return []
  const rows = [
    ...reasons.map(({ reason, cause, baseline: from, candidate: to }) => [
      reason,
      cause.replaceAll('-', ' '),
      String(from),
      String(to)
    ]),
    ['attempts', '', String(baseline.attempts), String(candidate.attempts)]
  ]
  return ['', table(['attempts lost, by reason', 'cause', 'baseline', 'candidate'], rows)]
}

function metricsTable({ primary, secondary, unknown }: Comparison, paint: Paint): string {
  const columns: [title: string, shown: (result: MetricResult) => string][] = [
    ['metric', (result) => `${result.entry.path}${result === primary ? ' *' : ''}`],
    ['baseline', ({ values, entry }) => formatMetric(median(values.baseline), entry.unit)],
    ['candidate', ({ values, entry }) => formatMetric(median(values.candidate), entry.unit)],
    ['change', (result) => formatEffect(result, result.estimate)],
    ['interval', formatInterval],
    ['p', ({ adjustedP }) => significantP(adjustedP)],
    ['result', ({ verdict }) => painted(verdict, paint)],
    ['detectable', (result) => formatSize(result, result.minimumDetectable)],
    ['same seed', (result) => formatSize(result, result.spreads.sameSeed)]
  ]
  const results = [primary, ...secondary]
  const head = columns.map(([title]) => title)
  const rows = results.map((result) => columns.map(([, shown]) => shown(result)))
  const replaced = results.filter(({ zerosReplaced }) => zerosReplaced > 0).map(({ entry }) => entry.path)
  const note = (words: string, paths: readonly string[]) =>
    paths.length > 0 ? [wrapWords(`${words}: ${paths.join(', ')}.`)] : []
  const notes = [
    '* primary. Baseline, candidate: medians. Detectable: the change that is detected four times in five.',
    'Same seed: standard deviation from run to run that remains where both runs share a seed.',
    ...note('Unknown in these runs', unknown),
    ...note('Some values are zero, so the size of the change is a convention', replaced)
  ]
  return [table(head, rows), ...notes].join('\n')
}

function painted(result: string, paint: Paint): string {
  if (result === 'worse') return paint(result, 'red')
  return ['holds', 'better', 'same'].includes(result) ? paint(result, 'green') : result
}

function unusedRuns({ runs, primary }: Comparison): string {
  const left = runs.filter((run) => !run.used)
  const count = `${runs.length - left.length} of ${runs.length} runs are compared.`
  if (left.length === 0) return count
  const lines = left.map(({ testId, build, block, attempt, values, remark }) => {
    const place = block === null ? build : `${build}, block ${block + 1}, attempt ${attempt}`
    const value = values[primary.entry.path]
    const figure = `${primary.entry.path} ${formatMetric(value ?? null, primary.entry.unit)}`
    return wrapWords(`  ${testId} (${place}, ${figure})${remark === null ? '' : `: ${remark}`}`, '    ')
  })
  return [`${count} The others:`, ...lines].join('\n')
}
