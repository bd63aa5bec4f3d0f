import 'uplot/dist/uPlot.min.css'
import './style.css'
import { render } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { App } from './app'
import { embeddedDocument } from './embedded'
import { loadDocument, TestModel } from './model/test-model'
import { takeToken } from './session'
import { useAction } from './views/hooks'
import { TestView } from './views/one-test/test-view'
import { Loading } from './views/parts'

const root = document.getElementById('root')!
const embedded = embeddedDocument()
if (embedded) render(<Report stream={embedded} />, root)
else {
  renderApp(takeToken(location, history))
  // Added before the app's own listener, which then finds an address without the token.
  addEventListener('hashchange', () => {
    const token = takeToken(location, history)
    if (token !== undefined) renderApp(token)
  })
}

/** With another token, begins anew. */
function renderApp(token: string | undefined): void {
  render(<App key={token} token={token} />, root)
}

function Report({ stream }: { stream: ReadableStream<Uint8Array> }) {
  const model = useMemo(() => new TestModel(), [])
  const { run, trouble } = useAction()
  const [isLoaded, setIsLoaded] = useState(false)
  const load = async () => {
    await loadDocument(model, stream)
    const verdict = model.summary ? `: ${model.summary.verdict}` : ''
    document.title = `${model.state!.id}${verdict} · report of a peer performance test`
    setIsLoaded(true)
  }
  useEffect(() => run(load), [])
  return (
    <main>
      <Loading isDone={isLoaded} trouble={trouble} />
      {isLoaded && <TestView model={model} />}
    </main>
  )
}
