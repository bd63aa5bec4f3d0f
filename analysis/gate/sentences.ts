/** Describes the gate's result in words, the same in a terminal and on a page. */
import { formatChange, formatMargin } from '../comparison/changes'
import { formatMetric, significant, UNKNOWN } from '../format'
import type { MetricUnit } from '../metrics-catalog'
import type { AttemptCounts } from './attempts'
import type { ComponentResult, CriterionResult, Gate } from './gate'
import { FIRST_LOOK } from './looks'

/** One row of the gate's table: one metric of a criterion. */
export interface GateRow {
  /** Empty from the second metric of a criterion on. */
  criterion: string
  result: string
  metric: string
  baseline: string
  candidate: string
  change: string
  limit: string
  margin: string
  p: string
}

/** Names the criteria behind the verdict. */
export function gateSentence({ verdict, criteria }: Gate): string {
  const named = (wanted: CriterionResult['verdict']) =>
    criteria.filter((criterion) => criterion.verdict === wanted).map(({ name }) => name)
  switch (verdict) {
    case 'pass':
      return `The candidate is shown to be no worse in ${list(named('holds'))}.`
    case 'worse':
      return `The candidate is worse in ${list(named('worse'))}.`
    case 'undecided': {
      const held = named('holds')
      return `Not decided: ${list(named('undecided'))}.${held.length > 0 ? ` Shown to hold: ${list(held)}.` : ''}`
    }
  }
}

/** Why criteria are undecided, one sentence each. */
export function gateRemarks({ criteria }: Gate): string[] {
  return criteria.flatMap(({ name, remark }) => (remark === null ? [] : [`${name}: ${remark}.`]))
}

/** How far a sequential comparison has got; null for a fixed number of blocks. */
export function sequentialSentence({ sequential }: Gate): string | null {
  if (sequential === null) return null
  const { looks, blocks, maxBlocks } = sequential
  if (looks === 0)
    return `Not judged yet: the gate looks at the runs for the first time after ${Math.min(FIRST_LOOK, maxBlocks)} of at most ${maxBlocks} blocks.`
  return (
    `Judged after ${blocks} of at most ${maxBlocks} blocks, at look ${looks}. The level is spent over the looks, ` +
    'so that all of them together raise a false alarm in at most 5 % of comparisons.'
  )
}

/** Row label for the stability criterion, which has no metric. */
export const ATTEMPTS_LOST = 'attempts lost'

/** Explains the columns of the table. */
export const GATE_LEGEND =
  'Each criterion asks whether the candidate is worse by less than the margin. Limit: with 95 % confidence, the change for the worse is no larger than this. ' +
  'p: the chance of such a change for the worse if the builds do not differ, adjusted for all criteria.'

export function gateRows(gate: Gate): GateRow[] {
  return gate.criteria.flatMap((criterion) =>
    criterion.components.length === 0 ? [stabilityRow(gate, criterion)] : metricRows(criterion)
  )
}

function stabilityRow({ attempts, stability }: Gate, criterion: CriterionResult): GateRow {
  return {
    ...headOf(criterion),
    metric: ATTEMPTS_LOST,
    baseline: lostOf(attempts.baseline),
    candidate: lostOf(attempts.candidate),
    change: stability ? signedPoints(stability.estimate) : UNKNOWN,
    limit: stability?.limit == null ? UNKNOWN : signedPoints(stability.limit),
    margin: `${significant(criterion.margin * 100)} points`
  }
}

function metricRows(criterion: CriterionResult): GateRow[] {
  return criterion.components.map((component, index) => ({
    ...(index === 0 ? headOf(criterion) : { criterion: '', result: '', p: '' }),
    metric: component.metric,
    baseline: formatValue(component.baseline, component.unit),
    candidate: formatValue(component.candidate, component.unit),
    change: change(component, component.estimate),
    limit: change(component, component.limit),
    margin: formatMargin(component.scale, component.unit as MetricUnit, component.margin)
  }))
}

function headOf({ name, verdict, worseP }: CriterionResult): Pick<GateRow, 'criterion' | 'result' | 'p'> {
  return {
    criterion: name,
    result: verdict,
    p: worseP >= 1 ? '> 0.05' : worseP < 0.001 ? '< 0.001' : significantDigits(worseP)
  }
}

/** Lost attempts: "12 of 18". */
function lostOf({ attempts, valid }: AttemptCounts): string {
  return `${attempts - valid} of ${attempts}`
}

function change({ scale, unit }: ComponentResult, effect: ComponentResult['estimate']): string {
  if (effect === null) return UNKNOWN
  return effect === 'never' ? 'never' : formatChange(scale, unit as MetricUnit, effect)
}

function formatValue(value: ComponentResult['baseline'], unit: string): string {
  return value === 'never' ? 'not reached' : formatMetric(value, unit as MetricUnit)
}

function signedPoints(share: number): string {
  const size = significant(Math.abs(share) * 100)
  return `${size === '0' ? '' : share < 0 ? '−' : '+'}${size} points`
}

function significantDigits(p: number): string {
  return String(Number(p.toPrecision(2)))
}

function list(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)!}`
}
