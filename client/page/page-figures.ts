/** The figures that the page shows, derived from a run. */
import { Histogram } from '../../protocol/histogram'
import type { PagePhase } from '../../protocol/page'
import { linksOf, totalsOf } from './page-status'
import type { Parameters } from './parameters'
import type { PeerSlot } from './peer-slot'
import type { TestRun } from './test-run'

type Tile = [name: string, value: string, detail?: string]

export const COLUMNS: Readonly<Record<string, (slot: PeerSlot) => string | number>> = {
  Routine: ({ routineName }) => routineName,
  Group: ({ current }) => current?.libraryPeer.group() ?? '–',
  Links: ({ current }) => current?.libraryPeer.connectedPeers().length ?? 0,
  Known: ({ current }) => current?.libraryPeer.knownPeers() ?? 0,
  Sent: ({ current }) => current?.ledger.total.sent ?? 0,
  Received: ({ current }) => current?.ledger.total.received ?? 0,
  Duplicates: ({ current }) => current?.ledger.total.duplicates ?? 0
}

export type PageFigures = ReturnType<ReturnType<typeof figureMaker>>

/** Returns a function that makes the figures. It keeps the last totals to compute rates per second. */
export function figureMaker(parameters: Parameters) {
  let last = { at: 0, sent: 0, received: 0, relayed: 0 }
  let rates = { sent: 0, received: 0, relayed: 0 }

  function updateRates(totals: typeof rates): void {
    const at = performance.now()
    const seconds = (at - last.at) / 1000
    if (seconds < 0.5) return
    const rate = (series: 'sent' | 'received' | 'relayed') => (totals[series] - last[series]) / seconds
    rates = { sent: rate('sent'), received: rate('received'), relayed: rate('relayed') }
    last = { at, ...totals }
  }

  return (run: TestRun, phase: PagePhase) => {
    const totals = totalsOf(run)
    updateRates(totals)
    const perSecond = (rate: number) => `${whole(rate)} per second`
    const tiles: Tile[] = [
      ['Peers', `${run.slots.length}`, `${run.ready} ready`],
      ['Links', whole(linksOf(run.meshPeers)), 'each counted once'],
      ['Known', whole(totals.known), 'other peers'],
      [
        'Elapsed',
        `${Math.floor(run.elapsed / 1000)} s`,
        run.duration === undefined ? undefined : `of ${run.duration} s`
      ],
      ['Sent', whole(totals.sent), perSecond(rates.sent)],
      ['Received', whole(totals.received), perSecond(rates.received)],
      ['Relayed', whole(totals.relayed), perSecond(rates.relayed)],
      ['Duplicates', whole(totals.duplicates), ratio(totals.duplicates, totals.received)],
      deliveryTile(run),
      latencyTile(run),
      ['Tick lateness', milliseconds(run.recorder?.tickLatenessP95), '95% of ticks are less late']
    ]
    return { phase, setting: settingOf(parameters), note: run.note, tiles, peers: run.slots }
  }
}

function settingOf({ library, routine, messageTypes, network, testId }: Parameters): string {
  const test = testId === undefined ? 'no test' : `test ${testId}`
  const unusual = [messageTypes, network].filter((each) => each !== 'faithful' && each !== 'perfect')
  return [test, library, routine.text, ...unusual].join(' · ')
}

/** First arrivals ÷ (messages sent × other peers) among the page's own: it cannot know what others sent. */
function deliveryTile({ slots, meshPeers, departed }: TestRun): Tile {
  if (departed.length > 0) return ['Delivery', '–', 'peers came and went: see the results']
  if (slots.length < 2) return ['Delivery', '–', 'a page of one peer cannot know']
  const ids = meshPeers.map(({ id }) => id)
  let owed = 0
  let received = 0
  for (const { ledger } of meshPeers) {
    owed += ledger.total.sent * (meshPeers.length - 1)
    for (const id of ids) received += ledger.receivedFrom(id)
  }
  const delivery = owed === 0 ? '–' : `${((100 * received) / owed).toFixed(1)}%`
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
