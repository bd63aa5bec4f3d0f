/** Comparisons, histories and weather maps in the server's results folder, to open or download. */
import { useEffect, useState } from 'preact/hooks'
import type { ComparisonEntry } from '../../protocol/api-answers'
import { dateTime } from '../charts/format'
import { comparisonHref } from '../router'
import type { Session } from '../session'
import { useAction, useTitle } from './hooks'
import { useList, useShown } from './list'
import { ErrorText, Loading, Quiet, SimulatedChip } from './parts'
import { Chip, Table, VerdictChip } from '../pictures/parts'

const FILES = [
  { name: 'Report', what: 'report', path: '/report', extension: 'html' },
  { name: 'JSON', what: 'JSON', path: '', extension: 'json' }
]

const COLUMNS = [
  { title: 'Comparison', kind: 'name' },
  { title: 'Verdict' },
  { title: 'Builds', kind: 'builds' },
  { title: 'Download', kind: 'control downloads' }
]

export function ComparisonsPage({ session }: { session: Session }) {
  const { items, trouble, retry } = useList(session, (client) => client.listComparisons())
  const { shown, more } = useShown(items)
  useTitle('Comparisons')

  return (
    <>
      <div class="heading">
        <h1>Comparisons</h1>
      </div>
      <p class="hint">
        Made with <code>compare</code> and <code>history</code>, newest first. A report is one HTML file that
        opens without a network.
      </p>
      <Loading isDone={items !== undefined} trouble={trouble} onRetry={retry} />
      {items?.length === 0 && (
        <div class="empty">
          <p>No comparisons yet.</p>
          <p>
            Run <code>npx peer-perf compare --help</code>, or <a href="#/compare">compare finished tests</a>{' '}
            here.
          </p>
        </div>
      )}
      {shown.length > 0 && (
        <Table
          label="Comparisons"
          kind="tests"
          columns={COLUMNS}
          rows={shown.map((entry) => [...cellsOf(entry), <Downloads entry={entry} session={session} />])}
          keys={shown.map(({ id }) => id)}
        />
      )}
      {more}
    </>
  )
}

function cellsOf({ id, kind, madeAt, engine, builds, stopped, verdicts, weathers }: ComparisonEntry) {
  return [
    <>
      <a href={comparisonHref(id)}>{id}</a>
      <span class="hint">
        {engine === 'simulation' && <SimulatedChip />} {kind === 'weather' ? 'weather map' : kind} ·{' '}
        <time dateTime={new Date(madeAt).toISOString()}>{dateTime(madeAt)}</time>
      </span>
    </>,
    <span class="verdicts">
      {stopped !== undefined && <Chip tone="warn">{stopped}</Chip>}
      {verdicts.map((verdict, step) => (
        <span key={step}>
          {weathers !== undefined && <span class="hint">{weathers[step]} </span>}
          <VerdictChip verdict={verdict} />
        </span>
      ))}
    </span>,
    <span>
      {builds.map((build, index) => [
        index > 0 && ' ',
        <span key={build}>
          {index > 0 && '→ '}
          {build}
        </span>
      ])}
    </span>
  ]
}

function Downloads({ entry: { id, kind }, session }: { entry: ComparisonEntry; session: Session }) {
  const { run, isBusy, trouble } = useAction()
  return (
    <>
      {FILES.map(({ name, what, path, extension }) => (
        <Quiet
          key={name}
          disabled={isBusy}
          aria-label={`Download the ${what} of ${id}`}
          onClick={() =>
            run(() => download(session, `/comparison/${id}${path}`, `${kind}-${id}.${extension}`))
          }
        >
          {name}
        </Quiet>
      ))}
      <ErrorText text={trouble} />
    </>
  )
}

/** The report of one, at an address of its own. */
export function ComparisonPage({ id, session }: { id: string; session: Session }) {
  const [report, setReport] = useState<string>()
  const { run, trouble } = useAction()
  const load = () =>
    run(async () => setReport(await new Response(await session.stream(`/comparison/${id}/report`)).text()))
  useTitle(id)
  useEffect(load, [id])

  return (
    <>
      <p class="hint">
        <a href="#/comparisons">All comparisons</a>
      </p>
      <Loading isDone={report !== undefined} trouble={trouble} onRetry={load} />
      {/* The frame gets no rights: what the report contains can neither run nor call this server. */}
      {report !== undefined && (
        <iframe class="report" title={`Report of ${id}`} sandbox="" srcdoc={report} tabIndex={0} />
      )}
    </>
  )
}

/** Saves a response of the server as a file. A plain link could not send the token. */
async function download(session: Session, path: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await new Response(await session.stream(path)).blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
