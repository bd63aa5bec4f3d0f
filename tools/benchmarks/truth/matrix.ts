/** The gate's verdicts on builds with known faults. */
import { table } from '../../../analysis/formats/markdown'
import type { GateVerdict } from '../../../analysis/gate/result'
import type { Fault } from './faults'

export interface Answer {
  fault: Pick<Fault, 'name' | 'says' | 'expected'>
  verdict: GateVerdict
  /** Criteria reported as worse. */
  worse: readonly string[]
  blocks: number
}

/**
 * Right: worse by an expected criterion; for an unchanged build any verdict but worse, and in virtual time,
 * where nothing is noise, a pass.
 */
export function isRight({ fault, verdict, worse }: Answer): boolean {
  if (fault.expected === 'pass') return verdict === 'pass'
  if (fault.expected === null) return verdict !== 'worse'
  return [fault.expected].flat().some((name) => worse.includes(name))
}

/** A Markdown table: one row per fault, with how often the gate gave each verdict. */
export function confusionMatrix(answers: readonly Answer[]): string {
  const faults = [...new Map(answers.map(({ fault }) => [fault.name, fault])).values()]
  const rows = faults.map((fault) => {
    const own = answers.filter((answer) => answer.fault.name === fault.name)
    const count = (verdict: GateVerdict) => own.filter((answer) => answer.verdict === verdict).length
    const criteria = [...new Set(own.flatMap(({ worse }) => worse))].map(
      (name) => `${name} ${own.filter(({ worse }) => worse.includes(name)).length}`
    )
    const blocks = own.map((answer) => answer.blocks).sort((a, b) => a - b)
    return [
      fault.name,
      fault.says,
      fault.expected === null ? 'not worse' : [fault.expected].flat().join(' or '),
      ...[count('pass'), count('worse'), count('undecided')].map(String),
      criteria.join(', ') || '–',
      `${own.filter(isRight).length} of ${own.length}`,
      blocks[0] === blocks.at(-1) ? String(blocks[0]) : `${blocks[0]!}–${blocks.at(-1)!}`
    ]
  })
  return table('fault,what it does,expected,pass,worse,undecided,worse at,right,blocks'.split(','), rows)
}
