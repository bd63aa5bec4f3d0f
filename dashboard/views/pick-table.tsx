import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { capitalised, formatAt, UNKNOWN } from '../../analysis/format'
import { HEADLINE, libraryNames } from '../../analysis/summary/figures'
import { count } from '../charts/format'
import { SIDES, type Picks, type Side } from '../model/picks'
import { TestName, ValidityChip } from './test-facts'
import { numberColumn, Table } from '../pictures/parts'

interface PickTableProps {
  tests: TestEntry[]
  picks: Picks
  summaryOf: (id: string) => Summary | null | undefined
  onToggle: (id: string, side: Side) => void
}

const COLUMNS = [
  { title: 'Test', kind: 'name' },
  ...SIDES.map((side) => ({ title: capitalised(side), kind: `control pick ${side}` })),
  { title: 'Validity' },
  ...['Peers', 'Seed', 'Latency p95'].map(numberColumn),
  { title: 'Library', kind: 'library' }
]

export function PickTable({ tests, picks, summaryOf, onToggle }: PickTableProps) {
  const rows = tests.map((test) => {
    const summary = summaryOf(test.id)
    const rules = [...new Set(summary?.reasons.map(({ rule }) => rule))]
    return [
      <TestName test={test} />,
      ...SIDES.map((side) => (
        <label>
          <input
            type="checkbox"
            aria-label={`${capitalised(side)}: ${test.id}`}
            checked={picks.get(test.id) === side}
            // A pick from the URL can always be removed.
            disabled={!summary && picks.get(test.id) !== side}
            onChange={() => onToggle(test.id, side)}
          />
          <span>{capitalised(side)}</span>
        </label>
      )),
      summary && (
        <>
          <ValidityChip summary={summary} />
          {summary.verdict === 'void' && <span class="hint"> {rules.join(', ')}</span>}
        </>
      ),
      count(summary?.peers.reporting),
      summary?.provenance.seed,
      summary ? formatAt(summary, HEADLINE.latency) : UNKNOWN,
      summary && libraryNames(summary).join(', ')
    ]
  })
  return (
    <Table
      label="Finished tests"
      kind="tests"
      columns={COLUMNS}
      rows={rows}
      keys={tests.map(({ id }) => id)}
    />
  )
}
