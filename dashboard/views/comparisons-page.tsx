/** Comparisons, histories and weather maps in the server's results folder, to open or download. */
import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import type { ComparisonEntry } from '../../protocol/api-answers'
import { dateTime } from '../charts/format'
import { comparisonHref } from '../router'
import type { Session } from '../session'
import { SimulatedChip } from './chips'
import { useAction, useTitle } from './hooks'
import { PAGE, ShowMore } from './show-more'
import { ErrorText, Loading } from './trouble'
import { useList } from './use-list'
import { Chip, Head, Scroll, VerdictChip } from '../pictures/parts'

const FILES = [
  { name: 'Report', what: 'report', path: '/report', extension: 'html' },
  { name: 'JSON', what: 'JSON', path: '', extension: 'json' }
]

export function ComparisonsPage({ session }: { session: Session }) {
  const { items, trouble, retry } = useList(session, (client) => client.listComparisons())
  const [shown, setShown] = useState(PAGE)
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
      {items !== undefined && items.length > 0 && (
        <Scroll label="Comparisons">
          <table class="tests">
            <Head columns={['Comparison', 'Verdict', 'Builds', 'Download'].map((title) => ({ title }))} />
            <tbody>
              {items.slice(0, shown).map((entry) => (
                <Row key={entry.id} entry={entry} session={session} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      <ShowMore shown={shown} of={items?.length ?? 0} onShow={setShown} />
    </>
  )
}

function Row({ entry, session }: { entry: ComparisonEntry; session: Session }) {
  const { id, kind, madeAt, engine, builds, stopped, verdicts, weathers } = entry
  const { run, isBusy, trouble } = useAction()
  return (
    <tr>
      <th scope="row" class="name">
        <a href={comparisonHref(id)}>{id}</a>
        <span class="hint">
          {engine === 'simulation' && <SimulatedChip />} {kind === 'weather' ? 'weather map' : kind} ·{' '}
          <time dateTime={new Date(madeAt).toISOString()}>{dateTime(madeAt)}</time>
        </span>
      </th>
      <td data-label="Verdict">
        <span class="verdicts">
          {stopped !== undefined && <Chip tone="warn">{stopped}</Chip>}
          {verdicts.map((verdict, step) => (
            <span key={step}>
              {weathers !== undefined && <span class="hint">{weathers[step]} </span>}
              <VerdictChip verdict={verdict} />
            </span>
          ))}
        </span>
      </td>
      <td data-label="Builds" class="builds">
        <span>
          {builds.map((build, index) => (
            <Fragment key={build}>
              {index > 0 && ' '}
              <span>
                {index > 0 && '→ '}
                {build}
              </span>
            </Fragment>
          ))}
        </span>
      </td>
      <td class="downloads">
        {FILES.map(({ name, what, path, extension }) => (
          <button
            key={name}
            type="button"
            class="quiet"
            disabled={isBusy}
            aria-label={`Download the ${what} of ${id}`}
            onClick={() =>
              run(() => download(session, `/comparison/${id}${path}`, `${kind}-${id}.${extension}`))
            }
          >
            {name}
          </button>
        ))}
        <ErrorText text={trouble} />
      </td>
    </tr>
  )
}

/** Saves a response of the server as a file. A plain link could not send the token. */
async function download(session: Session, path: string, name: string): Promise<void> {
  const stream = await session.stream(path, new AbortController().signal)
  const address = URL.createObjectURL(await new Response(stream).blob())
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
