/** The page of a report: one finished test, with its document embedded in the page. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { loadDocument } from '../model/load'
import { TestModel } from '../model/test-model'
import { useAction } from './hooks'
import { TestView } from './one-test/test-view'
import { Loading } from './trouble'

export function Report({ stream }: { stream: ReadableStream<Uint8Array> }) {
  const model = useMemo(() => new TestModel(), [])
  const { run, trouble } = useAction()
  const [isLoaded, setIsLoaded] = useState(false)
  useEffect(
    () =>
      run(async () => {
        await loadDocument(model, stream)
        const verdict = model.summary ? `: ${model.summary.verdict}` : ''
        document.title = `${model.state!.id}${verdict} · report of a peer performance test`
        setIsLoaded(true)
      }),
    []
  )
  return (
    <main>
      <Loading isDone={isLoaded} trouble={trouble} />
      {isLoaded && <TestView model={model} />}
    </main>
  )
}
