/** Picks two sets of finished tests, and compares them as the compare command does. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { UnlikeRunsError, type Comparison } from '../../analysis/comparison/comparison'
import { describeDifference } from '../../analysis/comparison/likeness'
import type { Verdict } from '../../analysis/statistics'
import type { Summary } from '../../protocol/summary'
import { compareHref, comparePicked, idsOf, toggle, type Picks } from '../model/picks'
import type { Session } from '../session'
import { Chip } from './chips'
import { ComparisonPicture } from './comparison-picture'
import { messageOf } from './hooks'
import { PickTable } from './pick-table'
import { SummaryCache } from './summary-cache'
import { Trouble } from './trouble'
import { useTests } from './use-tests'

/** Rows at first; each has a summary to fetch. */
const PAGE = 50

type Outcome = { comparison: Comparison } | { refusal: unknown }

interface ComparePageProps {
  /** By the page's address. */
  picked: Picks
  session: Session
}

export function ComparePage({ picked, session }: ComparePageProps) {
  const { tests, trouble, load } = useTests(session)
  const [picks, setPicks] = useState(picked)
  const [filter, setFilter] = useState('')
  const [shown, setShown] = useState(PAGE)
  const [outcome, setOutcome] = useState<Outcome>()
  const [, setSummaries] = useState(0)
  const cache = useRef<SummaryCache>(null)
  cache.current ??= new SummaryCache(session, () => {
    setSummaries((before) => before + 1)
  })
  useEffect(() => {
    document.title = 'Compare · Catalyst peer performance'
  }, [])

  const finished = tests?.filter((test) => test.finished) ?? []
  const matching = finished.filter((test) =>
    [test.id, ...Object.entries(test.labels).flat()].some((text) => text.includes(filter.trim()))
  )
  const summaryOf = (id: string) => {
    const test = finished.find((one) => one.id === id)
    return test && cache.current!.get(test)
  }
  const pick = (changed: Picks) => {
    setPicks(changed)
    setOutcome(undefined)
    history.replaceState(null, '', compareHref(changed))
  }
  const show = (force: boolean) => {
    setOutcome(outcomeOf(picks, summaryOf, force))
  }
  const sides = [idsOf(picks, 'baseline'), idsOf(picks, 'candidate')] as const
  // A test that is not there has none to wait for: the comparison lists it as failed.
  const isLoading = finished.some(({ id }) => picks.has(id) && summaryOf(id) === undefined)

  return (
    <>
      <div class="heading">
        <h1>Compare</h1>
      </div>
      <p class="hint">
        Pick finished tests of two builds, made in turn on the same machine with the same seeds: a test counts
        as one run. Void tests are never compared.
      </p>
      <Trouble text={trouble} onRetry={load} />
      {tests === undefined && trouble === undefined && <p class="empty">Loading…</p>}
      {tests !== undefined && finished.length === 0 && <p class="empty">No test is finished yet.</p>}
      {finished.length > 0 && (
        <div>
          <div class="filter">
            <label for="filter">Only tests whose name or label has</label>
            <input
              id="filter"
              type="search"
              value={filter}
              onInput={({ currentTarget }) => {
                setFilter(currentTarget.value)
              }}
            />
          </div>
          <PickTable
            tests={matching.slice(0, shown)}
            picks={picks}
            summaryOf={summaryOf}
            onToggle={(id, side) => {
              pick(toggle(picks, id, side))
            }}
          />
          {matching.length > shown && (
            <button
              type="button"
              class="quiet"
              onClick={() => {
                setShown(shown + PAGE)
              }}
            >
              Show {Math.min(PAGE, matching.length - shown)} more of {matching.length}
            </button>
          )}
          <div class="picked" role="group" aria-label="Picked">
            <output>
              <span class="baseline">Baseline: {sides[0].length}</span> ·{' '}
              <span class="candidate">Candidate: {sides[1].length}</span>
            </output>
            {picks.size > 0 && (
              <button
                type="button"
                class="quiet"
                onClick={() => {
                  pick(new Map())
                }}
              >
                Clear
              </button>
            )}
            <button
              type="button"
              class="primary"
              disabled={isLoading || sides.some((ids) => ids.length === 0)}
              onClick={() => {
                show(false)
              }}
            >
              Compare
            </button>
          </div>
        </div>
      )}
      {outcome && (
        <Result
          outcome={outcome}
          onForce={() => {
            show(true)
          }}
        />
      )}
    </>
  )
}

function outcomeOf(picks: Picks, summaryOf: (id: string) => Summary | undefined, force: boolean): Outcome {
  try {
    return { comparison: comparePicked(picks, summaryOf, force) }
  } catch (refusal) {
    return { refusal }
  }
}

function Result({ outcome, onForce }: { outcome: Outcome; onForce: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current!.focus()
    heading.current!.scrollIntoView()
  }, [outcome])
  return (
    <section class="result">
      <h2 ref={heading} tabIndex={-1}>
        {'comparison' in outcome ? (
          <>
            Result: <ComparisonVerdict verdict={outcome.comparison.primary.verdict} />
          </>
        ) : (
          'Not compared'
        )}
      </h2>
      {'comparison' in outcome ? (
        <ComparisonPicture comparison={outcome.comparison} />
      ) : (
        <Refusal refusal={outcome.refusal} onForce={onForce} />
      )}
    </section>
  )
}

function ComparisonVerdict({ verdict }: { verdict: Verdict }) {
  const tones: Partial<Record<Verdict, string>> = { better: 'good', same: 'good', worse: 'bad' }
  return <Chip tone={tones[verdict] ?? ''}>{verdict}</Chip>
}

function Refusal({ refusal, onForce }: { refusal: unknown; onForce: () => void }) {
  if (!(refusal instanceof UnlikeRunsError)) return <p class="banner">{messageOf(refusal)}</p>
  return (
    <div class="banner unlike">
      <p>These runs are unlike, so that a difference would say nothing about the builds:</p>
      <ul>
        {refusal.differences.map((difference) => (
          <li key={difference.fact}>
            <Chip tone="bad">{difference.fact}</Chip>
            {describeDifference(difference).slice(difference.fact.length + 1)}
          </li>
        ))}
      </ul>
      <button type="button" class="quiet" onClick={onForce}>
        Compare them all the same
      </button>
    </div>
  )
}
