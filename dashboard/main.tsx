import 'uplot/dist/uPlot.min.css'
import './style.css'
import { render } from 'preact'
import { App } from './app'
import { embeddedDocument } from './embedded'
import { takeToken } from './session'
import { Report } from './views/report'

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
