/** Finished tests to pick for the baseline or the candidate. */
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { formatAt } from '../../analysis/format'
import { HEADLINE } from '../../analysis/summary/figures'
import { count, UNKNOWN } from '../charts/format'
import { SIDES, type Picks, type Side } from '../model/picks'
import { ValidityChip } from './chips'
import { libraryNames } from './provenance'
import { TestName } from './test-name'
import { Head, numberColumn, Scroll } from '../pictures/parts'

const TITLES: Record<Side, string> = { baseline: 'Baseline', candidate: 'Candidate' }

interface PickTableProps {
  tests: TestEntry[]
  picks: Picks
  summaryOf: (id: string) => Summary | null | undefined
  onToggle: (id: string, side: Side) => void
}

const COLUMNS = [
  { title: 'Test' },
  ...SIDES.map((side) => ({ title: TITLES[side], kind: `pick ${side}` })),
  { title: 'Validity' },
  ...['Peers', 'Seed', 'Latency p95'].map(numberColumn),
  { title: 'Library' }
]

export function PickTable({ tests, picks, summaryOf, onToggle }: PickTableProps) {
  return (
    <Scroll label="Finished tests">
      <table class="tests">
        <Head columns={COLUMNS} />
        <tbody>
          {tests.map((test) => (
            <PickRow
              key={test.id}
              test={test}
              summary={summaryOf(test.id)}
              picked={picks.get(test.id)}
              onToggle={onToggle}
            />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

interface PickRowProps {
  test: TestEntry
  summary: Summary | null | undefined
  picked: Side | undefined
  onToggle: (id: string, side: Side) => void
}

function PickRow({ test, summary, picked, onToggle }: PickRowProps) {
  return (
    <tr class={picked}>
      <TestName test={test} />
      {SIDES.map((side) => (
        <td key={side} class={`pick ${side}`}>
          <label>
            <input
              type="checkbox"
              aria-label={`${TITLES[side]}: ${test.id}`}
              checked={picked === side}
              // A pick from the URL can always be removed.
              disabled={summary?.verdict !== 'valid' && picked !== side}
              onChange={() => onToggle(test.id, side)}
            />
            <span>{TITLES[side]}</span>
          </label>
        </td>
      ))}
      <td data-label="Validity">
        {summary && <ValidityChip summary={summary} />}
        {summary?.verdict === 'void' && <span class="hint"> {reasonOf(summary)}</span>}
      </td>
      <td data-label="Peers" class="number">
        {count(summary?.peers.reporting)}
      </td>
      <td data-label="Seed" class="number">
        {summary?.provenance.seed}
      </td>
      <td data-label="Latency p95" class="number">
        {summary ? formatAt(summary, HEADLINE.latency) : UNKNOWN}
      </td>
      <td data-label="Library" class="library">
        {summary && libraryNames(summary)}
      </td>
    </tr>
  )
}

/** The rules that the test breaks. */
function reasonOf(summary: Summary): string {
  return [...new Set(summary.reasons.map(({ rule }) => rule))].join(', ')
}
