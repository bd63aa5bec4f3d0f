/** The release gate on a page: the verdict, the criteria, and how each attempt ended. */
import type { Gate } from '../../analysis/gate/result'
import { findMetric } from '../../analysis/metrics-catalog'
import { gateHeadline } from '../../analysis/gate/headline'
import {
  ATTEMPTS_LOST,
  GATE_FIGURES,
  GATE_LEGEND,
  gateNotes,
  gateRemarks,
  gateRows,
  gateSentence,
  type GateRow
} from '../../analysis/gate/sentences'
import { Defined, numberColumn, Table, VerdictChip, type Column, type Content } from './parts'

export function GateSection({ gate }: { gate: Gate }) {
  const remarks = gateRemarks(gate)
  return (
    <>
      <p class="lead">
        <strong>Verdict: {gateHeadline(gate)}.</strong> {gateSentence(gate)}
      </p>
      <Table caption="Release gate" columns={CRITERIA} rows={gateRows(gate).map(criterionRow)} />
      <p class="muted">{GATE_LEGEND}</p>
      {remarks.length > 0 && (
        <ul>
          {remarks.map((remark) => (
            <li key={remark}>{remark}</li>
          ))}
        </ul>
      )}
      {gateNotes(gate).map((note) => (
        <p key={note}>{note}</p>
      ))}
      <h2>Attempts</h2>
      <Table
        caption="Attempts by build; an attempt may have several reasons"
        columns={[{ title: '' }, { title: 'Cause' }, ...['Baseline', 'Candidate'].map(numberColumn)]}
        rows={attemptRows(gate)}
      />
    </>
  )
}

const CRITERIA: Column[] = [
  { title: 'Criterion' },
  { title: 'Result' },
  ...['Baseline', 'Candidate', 'Change', 'Limit', 'Margin', 'p'].map(numberColumn)
]

function criterionRow(row: GateRow): Content[] {
  const { criterion, isFirstOfCriterion, result, metric } = row
  return [
    <>
      {isFirstOfCriterion && (
        <>
          <strong>{criterion}</strong>
          <br />
        </>
      )}
      <span class="muted">
        <Defined name={metric} definition={DEFINITIONS[metric] ?? findMetric(metric)?.description} />
      </span>
    </>,
    <VerdictChip verdict={result} />,
    ...GATE_FIGURES.map((figure) => row[figure])
  ]
}

/** Definitions for rows that are not in the metrics catalog. */
const DEFINITIONS: Record<string, string> = {
  [ATTEMPTS_LOST]: 'Attempts that ended void or failed, of all attempts of the build',
  'bytes per message': 'Bytes received on data channels ÷ messages received'
}

const OUTCOMES = ['attempts', 'valid', 'void', 'failed'] as const

function attemptRows({ attempts: { baseline, candidate, reasons } }: Gate): Content[][] {
  return [
    ...OUTCOMES.map((outcome) => [outcome, '', baseline[outcome], candidate[outcome]]),
    ...reasons.map(({ reason, cause, baseline: from, candidate: to }): Content[] => [
      <>
        <span class="muted">reason: </span>
        {reason}
      </>,
      cause.replaceAll('-', ' '),
      from,
      to
    ])
  ]
}
