import { useState } from 'preact/hooks'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { formatAt, UNKNOWN } from '../../analysis/format'
import { HEADLINE, libraryNames, measuredTime } from '../../analysis/summary/figures'
import { Chip, Defined, numberColumn, Table, type Content } from '../pictures/parts'
import { chosen, count, duration } from '../charts/format'
import type { Session } from '../session'
import { CreateDialog, DeleteDialog } from './dialogs'
import { useServer, useTitle } from './hooks'
import { useList, useShown, useSummaries } from './list'
import { Loading, Quiet, TestName, ValidityChip } from './parts'

export function TestsPage({ session }: { session: Session }) {
  const { items: tests, setItems, trouble, retry } = useList(session, (client) => client.listTests())
  const { mayControl, ahead } = useServer(session, tests !== undefined && trouble === undefined)
  const { shown, more } = useShown(tests)
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<string>()
  const summaryOf = useSummaries(session)
  useTitle('Tests')

  return (
    <>
      <div class="heading">
        <h1>Tests</h1>
        <a href="#/compare">Compare tests</a>
        {mayControl && (
          <button type="button" class="primary" onClick={() => setCreating(true)}>
            New test
          </button>
        )}
      </div>
      <Loading isDone={tests !== undefined} trouble={trouble} onRetry={retry} />
      {tests?.length === 0 && (
        <div class="empty">
          <p>No tests yet.</p>
          <p>
            Create one here, or run <code>npm start</code> for a whole test on this machine.
          </p>
        </div>
      )}
      {shown.length > 0 && (
        <Table
          label="Tests"
          kind="tests"
          columns={COLUMNS}
          rows={shown.map((test) => [
            ...cellsOf(test, summaryOf(test), Date.now() + ahead),
            mayControl && test.state !== 'running' && (
              <Quiet onClick={() => setDeleting(test.id)} aria-label={`Delete ${test.id}`}>
                Delete
              </Quiet>
            )
          ])}
          keys={shown.map(({ id }) => id)}
        />
      )}
      {more}
      {creating && <CreateDialog session={session} onClose={() => setCreating(false)} />}
      {deleting !== undefined && (
        <DeleteDialog
          id={deleting}
          state={tests?.find(({ id }) => id === deleting)?.state}
          session={session}
          onDeleted={() => {
            setItems(tests?.filter(({ id }) => id !== deleting))
            setDeleting(undefined)
          }}
          onClose={() => setDeleting(undefined)}
        />
      )}
    </>
  )
}

const COLUMNS = [
  { title: 'Test', kind: 'name' },
  ...['State', 'Validity'].map((title) => ({ title })),
  ...['Peers', 'Measured', 'Delivery', 'Latency p95'].map(numberColumn),
  { title: 'Library', kind: 'library' },
  { title: <span class="spoken">Actions</span>, kind: 'control delete' }
]

function cellsOf(test: TestEntry, summary: Summary | null | undefined, now: number): Content[] {
  return [
    <TestName test={test} />,
    <>
      <Chip tone={`state-${test.state}`}>{test.state}</Chip>
      {test.damage !== undefined && (
        <Defined name={<Chip tone="bad">damaged</Chip>} definition={test.damage} />
      )}
    </>,
    summary && <ValidityChip summary={summary} />,
    peersOf(test),
    summary ? measuredTime(summary) : secondsOf(test, now),
    summary ? formatAt(summary, HEADLINE.delivery) : UNKNOWN,
    summary ? formatAt(summary, HEADLINE.latency) : UNKNOWN,
    summary && libraryNames(summary).join(', ')
  ]
}

function peersOf({ state, peers, expectedPeers }: TestEntry): string {
  if (state === 'created')
    return expectedPeers === undefined ? count(peers.ready) : `${peers.ready}/${expectedPeers}`
  return count(peers.reporting)
}

/** Available before there is a summary: how long the test has run so far, or its planned duration. */
function secondsOf({ startsAt, state, duration: planned }: TestEntry, now: number): string {
  if (state === 'finished') return UNKNOWN
  if (startsAt === undefined) return planned === undefined ? UNKNOWN : `${chosen(planned)} planned`
  return `${duration(Math.max(0, now - startsAt) / 1000)} so far`
}
