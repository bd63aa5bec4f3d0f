/** JUnit XML for Jenkins and GitLab: worse is a failure, undecided is skipped, not measured is an error. */
import { culprit } from '../gate/headline'
import type { CriterionResult, Gate } from '../gate/result'
import { gateRows, shown } from '../gate/sentences'
import { repeated, type Judged, type Part } from './judged'

type Kind = 'failure' | 'error' | 'skipped'

interface Case {
  name: string
  kind?: Kind
  /** Begins with the message: GitLab shows only the content of an element. */
  text?: string
}

export function junit(parts: readonly Part[]): string {
  const suites = parts.map(({ name, judged, trouble }) => {
    const cases = judged
      ? casesOf(judged)
      : [{ name: 'verdict', kind: 'error' as const, text: trouble ?? '' }]
    const title = judged?.heading.title ?? 'comparison'
    // GitLab tells cases apart by their classes and names, and shows no suite.
    const classname = `peer-perf.compare${name === '' ? '' : `.${name}`}`
    return { name: name === '' ? title : `${name}: ${title}`, classname, judged, cases }
  })
  const count = (cases: readonly Case[], kind: Kind) => cases.filter((each) => each.kind === kind).length
  const counts = (cases: readonly Case[]) => ({
    tests: cases.length,
    failures: count(cases, 'failure'),
    errors: count(cases, 'error')
  })
  const body = suites.flatMap(({ name, classname, judged, cases }) => [
    `  ${open('testsuite', { name, ...counts(cases), skipped: count(cases, 'skipped'), ...startOf(judged) })}`,
    ...cases.map((each) => `    ${caseXml(classname, each)}`),
    ...(judged ? [`    <system-out>${escaped(judged.headline)}</system-out>`] : []),
    '  </testsuite>'
  ])
  const all = counts(suites.flatMap(({ cases }) => cases))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    open('testsuites', { name: 'peer-perf compare', ...all }),
    ...body,
    '</testsuites>\n'
  ].join('\n')
}

const startOf = (judged: Judged | null): Record<string, string> =>
  judged ? { timestamp: new Date(judged.madeAt).toISOString().slice(0, 19) } : {}

function casesOf({ gate, heading, stopped, next, why = null, isUnmeasured = why !== null }: Judged): Case[] {
  const trouble = isUnmeasured ? why : null
  const failure = trouble ?? (stopped === null ? null : `It was ${stopped}`)
  const then = repeated(next)
  const cases = gate.criteria.map((criterion): Case => {
    const name = `${shown(criterion.name)}: ${criterion.asks}`
    switch (criterion.verdict) {
      case 'holds':
        return { name }
      case 'worse':
        return { name, kind: 'failure', text: `${culprit(gate, criterion)}\n${metricsText(gate, criterion)}` }
      case 'undecided':
        if (failure !== null) return { name, kind: 'error', text: failure }
        return {
          name,
          kind: 'skipped',
          text: `undecided: ${criterion.remark ?? 'no reason is known'}${then === null ? '' : `. Next: ${then}`}`
        }
      case 'not judged':
        return { name, kind: 'skipped', text: 'not judged: these runs cannot show it' }
    }
  })
  // All that was looked at holds, but the blocks are not those for which that was promised.
  const isCut = gate.verdict === 'undecided' && gate.criteria.every(({ verdict }) => verdict !== 'undecided')
  const untold = failure ?? (isCut ? ['undecided', ...heading.notes].join('. ') : null)
  if (untold === null || cases.some(({ kind }) => kind === 'error' || kind === 'failure')) return cases
  return [...cases, { name: 'verdict', kind: failure === null ? 'skipped' : 'error', text: untold }]
}

function metricsText(gate: Gate, criterion: CriterionResult): string {
  return gateRows({ ...gate, criteria: [criterion] })
    .map(
      ({ metric, result, baseline, candidate, change, limit, margin }) =>
        `${metric}: ${result}, ${baseline} → ${candidate}, ${change} (limit ${limit}, margin ${margin})`
    )
    .join('\n')
}

function caseXml(classname: string, { name, kind, text = '' }: Case): string {
  const attributes = { classname, name }
  if (kind === undefined) return open('testcase', attributes, '/')
  const type = kind === 'failure' ? 'worse' : kind === 'error' ? 'not measured' : 'undecided'
  const [message] = text.split('\n')
  return `${open('testcase', attributes)}${open(kind, { type, message: message! })}${escaped(text)}</${kind}></testcase>`
}

function open(element: string, attributes: Readonly<Record<string, string | number>>, end = ''): string {
  const pairs = Object.entries(attributes).map(([name, value]) => `${name}="${escaped(String(value))}"`)
  return `<${[element, ...pairs].join(' ')}${end}>`
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
/** What XML 1.0 cannot hold in any way: control characters, and halves of a character. */
const NOT_XML = /(?![\t\n\r])\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/gu

function escaped(text: string): string {
  return text.replace(NOT_XML, '?').replace(/[&<>"]/g, (sign) => ENTITIES[sign]!)
}
