/** What the page shows: the live figures of its peers. */
import { render } from 'preact'
import type { PagePhase } from '../../protocol/page'
import { COLUMNS, type PageFigures } from './page-figures'
import type { PeerSlot } from './peer-slot'

const PHASES: Record<PagePhase, string> = {
  connecting: 'connecting',
  ready: 'waiting for the start',
  running: 'running',
  draining: 'finishing',
  done: 'done',
  failed: 'failed'
}

export function showPage(figures: PageFigures | undefined, error: string | undefined): void {
  const phase = figures?.phase ?? 'failed'
  render(
    <>
      <header>
        <h1>Catalyst peers</h1>
        <span class={`phase phase-${phase}`} role="status">
          {PHASES[phase]}
        </span>
        <span class="setting">{figures?.setting}</span>
      </header>
      {error !== undefined && (
        <p class="message" role="alert">
          {error}
        </p>
      )}
      {figures?.note !== undefined && <p class="message">{figures.note}</p>}
      {figures && <Figures {...figures} />}
    </>,
    document.getElementById('app')!
  )
}

function Figures({ tiles, peers }: PageFigures) {
  return (
    <>
      <dl>
        {tiles.map(([name, value, detail]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              {detail !== undefined && <small>{detail}</small>}
            </dd>
          </div>
        ))}
      </dl>
      <h2>Peers of this page</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label="Peers of this page">
        <table>
          <thead>
            <tr>
              {['Peer', ...Object.keys(COLUMNS)].map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>{peers.map(PeerLine)}</tbody>
        </table>
      </div>
    </>
  )
}

function PeerLine(slot: PeerSlot) {
  const { number, current } = slot
  return (
    <tr key={number}>
      <td>
        {number} <span class="id">{current ? `${current.id.slice(0, 8)}…` : 'away'}</span>
      </td>
      {Object.entries(COLUMNS).map(([title, valueOf]) => (
        <td key={title}>{valueOf(slot)}</td>
      ))}
    </tr>
  )
}
