/** What the page shows: the live figures of its peers. */
import { render } from 'preact'
import { Histogram } from '../protocol/histogram'
import type { PagePhase, PageStatus } from '../protocol/page'
import { linksOf, totalsOf } from './page-status'
import type { Parameters } from './parameters'
import type { PeerSlot } from './peer-slot'
import type { TestRun } from './test-run'

const PHASES: Record<PagePhase, string> = {
  connecting: 'connecting',
  ready: 'waiting for the start',
  running: 'running',
  draining: 'finishing',
  done: 'done',
  failed: 'failed'
}

const COLUMNS: Readonly<Record<string, (slot: PeerSlot) => string | number>> = {
  Routine: ({ routineName }) => routineName,
  Group: ({ current }) => current?.libraryPeer.group() ?? '–',
  Links: ({ current }) => current?.libraryPeer.connectedPeers().length ?? 0,
  Known: ({ current }) => current?.libraryPeer.knownPeers() ?? 0,
  Sent: ({ current }) => current?.ledger.total.sent ?? 0,
  Received: ({ current }) => current?.ledger.total.received ?? 0,
  Duplicates: ({ current }) => current?.ledger.total.duplicates ?? 0
}

type Tile = [name: string, value: string, detail?: string]

/** Returns a function that shows the page. Without `parameters`, which the address lacks, only an error. */
export function pageView(parameters?: Parameters) {
  let last = { at: 0, sent: 0, received: 0, relayed: 0 }
  const rates = { sent: 0, received: 0, relayed: 0 }

  function updateRates(totals: typeof rates): void {
    const at = performance.now()
    const seconds = (at - last.at) / 1000
    if (seconds < 0.5) return
    for (const series of ['sent', 'received', 'relayed'] as const)
      rates[series] = (totals[series] - last[series]) / seconds
    last = { at, ...totals }
  }

  function tilesOf(run: TestRun): Tile[] {
    const totals = totalsOf(run)
    updateRates(totals)
    const perSecond = (rate: number) => `${whole(rate)} per second`
    const { duration, recorder } = run
    return [
      ['Peers', `${run.slots.length}`, `${run.ready} ready`],
      ['Links', whole(linksOf(run.meshPeers)), 'each counted once'],
      ['Known', whole(totals.known), 'other peers'],
      [
        'Elapsed',
        `${Math.floor(run.elapsed / 1000)} s`,
        duration === undefined ? undefined : `of ${duration} s`
      ],
      ['Sent', whole(totals.sent), perSecond(rates.sent)],
      ['Received', whole(totals.received), perSecond(rates.received)],
      ['Relayed', whole(totals.relayed), perSecond(rates.relayed)],
      ['Duplicates', whole(totals.duplicates), ratio(totals.duplicates, totals.received)],
      deliveryTile(run),
      latencyTile(run),
      ['Tick lateness', milliseconds(recorder?.tickLatenessP95), '95% of ticks are less late']
    ]
  }

  return (run: TestRun | undefined, { phase, error }: PageStatus): void =>
    render(
      <>
        <header>
          <h1>Catalyst peers</h1>
          <span class={`phase phase-${phase}`} role="status">
            {PHASES[phase]}
          </span>
          <span class="setting">{parameters && settingOf(parameters)}</span>
        </header>
        {error !== undefined && (
          <p class="message" role="alert">
            {error}
          </p>
        )}
        {run?.note !== undefined && <p class="message">{run.note}</p>}
        {run && <Tiles tiles={tilesOf(run)} />}
        {run && <Peers slots={run.slots} />}
      </>,
      document.getElementById('app')!
    )
}

const Tiles = ({ tiles }: { tiles: Tile[] }) => (
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
)

const Peers = ({ slots }: Pick<TestRun, 'slots'>) => (
  <>
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
        <tbody>
          {slots.map((slot) => (
            <tr key={slot.number}>
              <td>
                {slot.number}{' '}
                <span class="id">{slot.current ? `${slot.current.id.slice(0, 8)}…` : 'away'}</span>
              </td>
              {Object.entries(COLUMNS).map(([title, valueOf]) => (
                <td key={title}>{valueOf(slot)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </>
)

function settingOf({ library, routine, messageTypes, network, testId }: Parameters): string {
  const test = testId === undefined ? 'no test' : `test ${testId}`
  const unusual = [messageTypes, network].filter((each) => each !== 'faithful' && each !== 'perfect')
  return [test, library, routine.text, ...unusual].join(' · ')
}

/** First arrivals ÷ (sent × other peers), rounded down, of its own peers: it cannot know what others sent. */
export function deliveryTile({ slots, meshPeers, departed }: TestRun): Tile {
  if (departed.length > 0) return ['Delivery', '–', 'peers came and went: see the results']
  if (slots.length < 2) return ['Delivery', '–', 'a page of one peer cannot know']
  let owed = 0
  let received = 0
  for (const { ledger } of meshPeers) {
    owed += ledger.total.sent * (meshPeers.length - 1)
    for (const { id } of meshPeers) received += ledger.receivedFrom(id)
  }
  const delivery = owed === 0 ? '–' : `${Math.floor((1000 * received) / owed) / 10}%`
  return ['Delivery', delivery, 'between the peers of this page']
}

function latencyTile({ meshPeers, departed }: TestRun): Tile {
  const all = new Histogram()
  for (const { ledger } of [...meshPeers, ...departed]) all.add(ledger.latency)
  if (all.count === 0) return ['Latency', '–', 'median and 95%']
  const [median, high] = [50, 95].map((percent) => milliseconds(all.percentile(percent) / 1000))
  return ['Latency', median!, `median; 95% below ${high!}`]
}

const whole = (value: number) => Math.round(value).toLocaleString('en')
const milliseconds = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
const ratio = (part: number, base: number) =>
  base === 0 ? undefined : `${(part / base).toFixed(2)} for each received`
