/** Markdown for a comment or the summary of a CI job: the verdict first, the rest folded. */
import { GATE_FIGURES, GATE_LEGEND, gateNotes, gateRemarks, gateRows, gateSentence } from '../gate/sentences'
import { remarksOf } from '../comparison/heading'
import { capitalised } from '../format'
import type { Judged } from './judged'

/** A comment on GitHub holds 65,536 characters; what follows may be added to it. */
const LONGEST = 60_000
/** A build's error, or its name, may be of any length. */
const LONGEST_TEXT = 600

export function comparisonMarkdown({ heading, headline, stopped, next, gate, why = null }: Judged): string {
  const { title, facts } = heading
  const rows = gateRows(gate).map((row) => [
    text(`${row.criterion}: ${row.metric}`),
    row.result === 'worse' ? '**worse**' : text(row.result),
    ...GATE_FIGURES.map((figure) => text(row[figure]))
  ])
  const { attempts } = gate
  const lost = attempts.reasons.map(({ reason, cause, baseline, candidate }) =>
    [reason, cause.replaceAll('-', ' '), String(baseline), String(candidate)].map(text)
  )
  const markdown = [
    `### ${capitalised(text(headline))}`,
    `${code(title)} · ${text(facts)}`,
    ...remarksOf(heading, stopped).map(text),
    text([gateSentence(gate), ...(why === null ? [] : [why.split('\n')[0]!])].join(' ')),
    ...(next === null ? [] : [`Next, to decide it: ${code(next)}`]),
    `<details><summary>All criteria</summary>\n\n${table(['criterion', 'result', ...GATE_FIGURES], rows)}`,
    gateRemarks(gate)
      .map((remark) => `- ${text(remark)}`)
      .join('\n'),
    ...(lost.length > 0 ? [table(['attempts lost, by reason', 'cause', 'baseline', 'candidate'], lost)] : []),
    ...[...gateNotes(gate), GATE_LEGEND].map(text),
    '</details>'
  ].filter((part) => part !== '')
  return bounded(`${markdown.join('\n\n')}\n`)
}

export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isNumber: readonly boolean[] = []
) =>
  [head, head.map((_, column) => (isNumber[column] ? '--:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

/**
 * A build can choose some words: they must form no markup, mention nobody and link nowhere. GitHub looks for
 * `@name`, `#1` and `GH-1` when it has taken the backslashes away.
 */
export function text(words: string): string {
  return oneLine(words)
    .replace(/[\\`*_[\]<>|~&]/g, '\\$&')
    .replace(/[@#]|\bGH(?=-\d)/gi, '$&\u2060')
    .replace(/(https?|ftp):\/\//gi, '$1:\u2060//')
    .replace(/www\./gi, 'www\u2060.')
}

export function code(words: string): string {
  return `\`${oneLine(words).replaceAll('`', '’').replaceAll('|', '\\|')}\``
}

function oneLine(words: string): string {
  const line = words.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim()
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line
}

function bounded(markdown: string): string {
  if (markdown.length <= LONGEST) return markdown
  return `${markdown.slice(0, markdown.lastIndexOf('\n', LONGEST))}\n\nThe rest is in the report.\n\n</details>\n`
}
