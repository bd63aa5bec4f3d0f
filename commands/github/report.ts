/** A comparison as GitHub shows it: conclusion, Markdown, annotations. */
import { isMeasured, repeated, type Judged } from '../../analysis/formats/judged'
import { comparisonMarkdown } from '../../analysis/formats/markdown'
import { culprit } from '../../analysis/gate/headline'
import { shown } from '../../analysis/gate/sentences'
import type { Conclusion } from './api'

export type Result = { judged: Judged } | { why: string }

const CONCLUSIONS = { pass: 'success', worse: 'failure', undecided: 'neutral' } as const
/** GitHub shows no more of one step. */
const MOST_ANNOTATIONS = 10

export function measured(judged: Judged): Result {
  return isMeasured(judged)
    ? { judged: { ...judged, next: repeated(judged.next) } }
    : { why: [...judged.heading.notes, judged.why].join('\n') }
}

export function conclusionOf(result: Result): Conclusion {
  const summary = markdownOf(result)
  if ('why' in result) return { conclusion: 'failure', title: 'not measured', summary }
  const { gate, headline } = result.judged
  return { conclusion: CONCLUSIONS[gate.verdict], title: headline, summary }
}

/** The first sentence is the verdict. */
export function markdownOf(result: Result): string {
  return 'why' in result
    ? `### Not measured\n\n\`\`\`text\n${result.why.replaceAll('`', '’')}\n\`\`\`\n`
    : comparisonMarkdown(result.judged)
}

/** Workflow commands that put the verdict beside the job's other errors, the worst first. */
export function annotationsOf(result: Result): string[] {
  if ('why' in result) return [annotation('error', 'not measured', result.why)]
  const { gate, next } = result.judged
  const lines = gate.criteria.flatMap((criterion) => {
    const name = shown(criterion.name)
    if (criterion.verdict === 'worse')
      return [annotation('error', `worse: ${name}`, culprit(gate, criterion))]
    if (criterion.verdict !== 'undecided') return []
    const then = next === null ? '' : `. Next: ${next}`
    return [annotation('warning', `undecided: ${name}`, `${criterion.remark ?? 'no reason is known'}${then}`)]
  })
  const isWarning = (line: string) => Number(line.startsWith('::warning'))
  return lines.toSorted((a, b) => isWarning(a) - isWarning(b)).slice(0, MOST_ANNOTATIONS)
}

export function annotation(kind: 'error' | 'warning' | 'notice', title: string, message: string): string {
  return `::${kind} title=${escaped(title, /[%\r\n:,]/g)}::${escaped(message, /[%\r\n]/g)}`
}

/** Otherwise a build's own words could end the command and start another. */
const escaped = (text: string, special: RegExp): string =>
  text.replace(special, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
