/** The page of a report: one finished test, with its document embedded in the page. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { loadDocument } from '../model/load'
import { TestModel } from '../model/test-model'
import { messageOf } from './hooks'
import { TestView } from './one-test/test-view'

export function Report({ stream }: { stream: ReadableStream<Uint8Array> }) {
  const model = useMemo(() => new TestModel(), [])
  const [trouble, setTrouble] = useState<string>()
  const [isLoaded, setIsLoaded] = useState(false)
  useEffect(() => {
    loadDocument(model, stream).then(
      () => {
        const verdict = model.summary ? `: ${model.summary.verdict}` : ''
        document.title = `${model.state!.id}${verdict} · report of a peer performance test`
        setIsLoaded(true)
      },
      (error: unknown) => setTrouble(messageOf(error))
    )
  }, [])
  return (
    <main>
      {trouble !== undefined && (
        <p class="banner" role="alert">
          {trouble}
        </p>
      )}
      {isLoaded ? <TestView model={model} /> : trouble === undefined && <p class="empty">Loading…</p>}
    </main>
  )
}
