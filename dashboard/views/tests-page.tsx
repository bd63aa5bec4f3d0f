/** All tests, running and finished, with their verdicts. */
import { useState } from 'preact/hooks'
import type { Summary } from '../../protocol/summary'
import type { TestEntry } from '../../protocol/test-life'
import { formatAt } from '../../analysis/format'
import { HEADLINE, measuredTime } from '../../analysis/summary/figures'
import { Chip, Defined, Head, numberColumn, Scroll } from '../pictures/parts'
import { chosen, count, duration, UNKNOWN } from '../charts/format'
import type { Session } from '../session'
import { StateChip, ValidityChip } from './chips'
import { CreateDialog } from './create-dialog'
import { DeleteDialog } from './delete-dialog'
import { libraryNames } from './provenance'
import { TestName } from './test-name'
import { PAGE, ShowMore } from './show-more'
import { Loading } from './trouble'
import { useMayControl, useSummaries, useTitle } from './hooks'
import { useList } from './use-list'

export function TestsPage({ session }: { session: Session }) {
  const { items: tests, setItems, trouble, retry } = useList(session, (client) => client.listTests())
  const mayControl = useMayControl(session, tests !== undefined)
  const [shown, setShown] = useState(PAGE)
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<string>()
  const cache = useSummaries(session)
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
      {tests !== undefined && tests.length > 0 && (
        <Scroll label="Tests">
          <table class="tests">
            <Head columns={COLUMNS} />
            <tbody>
              {tests.slice(0, shown).map((test) => (
                <TestRow
                  key={test.id}
                  test={test}
                  summary={cache.get(test)}
                  mayDelete={mayControl && test.state !== 'running'}
                  onDelete={() => setDeleting(test.id)}
                />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <ShowMore shown={shown} of={tests?.length ?? 0} onShow={setShown} />
      {creating && <CreateDialog session={session} onClose={() => setCreating(false)} />}
      {deleting !== undefined && (
        <DeleteDialog
          id={deleting}
          isOpen={tests?.find(({ id }) => id === deleting)?.state !== 'finished'}
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
  ...['Test', 'State', 'Validity'].map((title) => ({ title })),
  ...['Peers', 'Measured', 'Delivery', 'Latency p95'].map(numberColumn),
  { title: 'Library' },
  { title: <span class="spoken">Actions</span> }
]

interface TestRowProps {
  test: TestEntry
  summary: Summary | null | undefined
  mayDelete: boolean
  onDelete: () => void
}

function TestRow({ test, summary, mayDelete, onDelete }: TestRowProps) {
  return (
    <tr>
      <TestName test={test} />
      <td data-label="State">
        <StateChip state={test.state} />
        {test.damage !== undefined && (
          <Defined name={<Chip tone="bad">damaged</Chip>} definition={test.damage} />
        )}
      </td>
      <td data-label="Validity">{summary && <ValidityChip summary={summary} />}</td>
      <td data-label="Peers" class="number">
        {peersOf(test)}
      </td>
      <td data-label="Measured" class="number">
        {summary ? measuredTime(summary) : secondsOf(test)}
      </td>
      <td data-label="Delivery" class="number">
        {summary ? formatAt(summary, HEADLINE.delivery) : UNKNOWN}
      </td>
      <td data-label="Latency p95" class="number">
        {summary ? formatAt(summary, HEADLINE.latency) : UNKNOWN}
      </td>
      <td data-label="Library" class="library">
        {summary && libraryNames(summary)}
      </td>
      <td class="actions">
        {mayDelete && (
          <button type="button" class="quiet" onClick={onDelete} aria-label={`Delete ${test.id}`}>
            Delete
          </button>
        )}
      </td>
    </tr>
  )
}

function peersOf({ state, peers, expectedPeers }: TestEntry): string {
  if (state === 'created')
    return expectedPeers === undefined ? count(peers.ready) : `${peers.ready}/${expectedPeers}`
  return count(peers.reporting)
}

/** Available before there is a summary: how long the test has run so far, or its planned duration. */
function secondsOf({ startsAt, state, duration: planned }: TestEntry): string {
  if (state === 'finished') return UNKNOWN
  if (startsAt === undefined) return planned === undefined ? UNKNOWN : `${chosen(planned)} planned`
  return `${duration(Math.max(0, Date.now() - startsAt) / 1000)} so far`
}
