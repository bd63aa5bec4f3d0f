/** Picks two sets of finished tests, and compares them like the compare command. */
import { render } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { UnlikeRunsError, type Conclusion } from '../../analysis/comparison/comparison'
import { capitalised, formatAt, UNKNOWN } from '../../analysis/format'
import { HEADLINE, libraryNames } from '../../analysis/summary/figures'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { count } from '../charts/format'
import { compareHref, comparePicked, idsOf, SIDES, toggle, type Picks, type Side } from '../model/picks'
import type { Session } from '../session'
import { ComparisonBody } from '../pictures/comparison-body'
import { numberColumn, Table, VerdictChip } from '../pictures/parts'
import { STYLE } from '../pictures/style'
import { messageOf, useTitle } from './hooks'
import { useList, useShown, useSummaries } from './list'
import { Loading, Quiet, TestName, ValidityChip } from './parts'

type Outcome = { comparison: Conclusion } | { refusal: unknown }

/** @param picks those of the page's address, which holds them alone: a link or Back shows others */
export function ComparePage({ picks, session }: { picks: Picks; session: Session }) {
  const { items: tests, trouble, retry } = useList(session, (client) => client.listTests())
  const [filter, setFilter] = useState('')
  const href = compareHref(picks)
  const [outcome, setOutcome] = useState<Outcome & { of: string }>()
  const summaryOfTest = useSummaries(session)
  useTitle('Compare')

  const finished = tests?.filter(({ state }) => state === 'finished') ?? []
  const matching = finished.filter((test) =>
    [test.id, ...Object.entries(test.labels).flat()].some((text) => text.includes(filter.trim()))
  )
  const { shown, more } = useShown(matching)
  const summaryOf = (id: string) => {
    const test = finished.find((one) => one.id === id)
    return test && summaryOfTest(test)
  }
  const pick = (changed: Picks) => location.replace(compareHref(changed))
  const show = (force: boolean) => {
    try {
      setOutcome({ of: href, comparison: comparePicked(picks, summaryOf, force) })
    } catch (refusal) {
      setOutcome({ of: href, refusal })
    }
  }
  const sides = [idsOf(picks, 'baseline'), idsOf(picks, 'candidate')] as const
  // Don't wait for the summary of a missing test: the comparison names it.
  const isLoading = finished.some(({ id }) => picks.has(id) && summaryOf(id) === undefined)

  return (
    <>
      <div class="heading">
        <h1>Compare</h1>
      </div>
      <p class="hint">
        Pick finished tests of two builds that ran on the same machine with the same seeds, at once or in
        blocks. Each test counts as one run, and a void one as a lost attempt.
      </p>
      <Loading isDone={tests !== undefined} trouble={trouble} onRetry={retry} />
      {tests !== undefined && finished.length === 0 && <p class="empty">No test is finished yet.</p>}
      {finished.length > 0 && (
        <div>
          <div class="filter">
            <label for="filter">Filter by name or label</label>
            <input
              id="filter"
              type="search"
              value={filter}
              onInput={({ currentTarget }) => setFilter(currentTarget.value)}
            />
          </div>
          <PickTable
            tests={shown}
            picks={picks}
            summaryOf={summaryOf}
            onToggle={(id, side) => pick(toggle(picks, id, side))}
          />
          {more}
          <div class="picked" role="group" aria-label="Picked">
            <output>
              <span class="baseline">Baseline: {sides[0].length}</span> ·{' '}
              <span class="candidate">Candidate: {sides[1].length}</span>
            </output>
            <Quiet onClick={() => pick(new Map())}>Clear</Quiet>
            <button
              type="button"
              class="primary"
              disabled={isLoading || sides.some((ids) => ids.length === 0)}
              onClick={() => show(false)}
            >
              Compare
            </button>
          </div>
        </div>
      )}
      {outcome?.of === href && <Result outcome={outcome} onForce={() => show(true)} />}
    </>
  )
}

function Result({ outcome, onForce }: { outcome: Outcome; onForce: () => void }) {
  const comparison = 'comparison' in outcome ? outcome.comparison : undefined
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current!.focus()
    heading.current!.scrollIntoView()
  }, [outcome])
  return (
    <section class="result">
      <h2 ref={heading} tabIndex={-1}>
        {comparison ? 'Verdict: ' : 'Not compared'}
        {comparison && <VerdictChip verdict={comparison.gate.verdict} />}
      </h2>
      {comparison && <ComparisonPicture comparison={comparison} />}
      {'refusal' in outcome && (
        <div class="banner">
          {messageOf(outcome.refusal)}{' '}
          {outcome.refusal instanceof UnlikeRunsError && outcome.refusal.canForce && (
            <Quiet onClick={onForce}>Compare them anyway</Quiet>
          )}
        </div>
      )}
    </section>
  )
}

/** As it looks in the compare command's report, whose style sheet is isolated in a shadow tree. */
function ComparisonPicture({ comparison }: { comparison: Conclusion }) {
  const host = useRef<HTMLDivElement>(null)
  // Not after the verdict's line is painted.
  useLayoutEffect(() => {
    const shadow = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' })
    render(
      <>
        <style>{STYLE}</style>
        <ComparisonBody comparison={comparison} />
      </>,
      shadow
    )
    return () => render(null, shadow)
  }, [comparison])
  return <div class="comparison" ref={host} />
}

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
