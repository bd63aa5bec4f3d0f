import 'uplot/dist/uPlot.min.css'
import './style.css'
import { render } from 'preact'
import { App } from './app'
import { embeddedDocument } from './embedded'
import { takeToken } from './session'
import { Report } from './views/report'

const root = document.getElementById('root')!
const embedded = embeddedDocument()
render(embedded ? <Report stream={embedded} /> : <App token={takeToken(location, history)} />, root)
