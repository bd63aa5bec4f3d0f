/** The report of a comparison, history or weather map, at an address of its own. */
import { useEffect, useState } from 'preact/hooks'
import type { Session } from '../session'
import { useAction, useTitle } from './hooks'
import { Loading } from './trouble'

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
