/** The figures that the page shows, derived from a run. */
import { Histogram } from '../../protocol/histogram'
import type { PagePhase } from '../../protocol/page'
import { linksOf, totalsOf } from './page-status'
import type { Parameters } from './parameters'
import type { PeerSlot } from './peer-slot'
import type { TestRun } from './test-run'

interface Tile {
  name: string
  value: string
  detail?: string
}

/** What the table says about each peer, by column. */
export const COLUMNS: Readonly<Record<string, (slot: PeerSlot) => string | number>> = {
  Routine: ({ routineName }) => routineName,
  Group: ({ current }) => current?.group() ?? '–',
  Links: ({ current }) => current?.connectedPeers().length ?? 0,
  Known: ({ current }) => current?.knownPeers() ?? 0,
  Sent: ({ current }) => current?.ledger.total.sent ?? 0,
  Received: ({ current }) => current?.ledger.total.received ?? 0,
  Duplicates: ({ current }) => current?.ledger.total.duplicates ?? 0
}

export type PageFigures = ReturnType<FigureMaker['make']>
type Totals = ReturnType<typeof totalsOf>

/** Makes figures and rates. Keeps the last totals to compute rates per second. */
export class FigureMaker {
  private last = { at: 0, sent: 0, received: 0, relayed: 0 }
  private rates = { sent: 0, received: 0, relayed: 0 }

  constructor(private readonly parameters: Parameters) {}

  make(run: TestRun, phase: PagePhase) {
    const totals = totalsOf(run)
    this.updateRates(totals)
    return {
      phase,
      setting: settingOf(this.parameters),
      note: run.note,
      tiles: this.tiles(run, totals),
      peers: run.slots
    }
  }

  private tiles(run: TestRun, totals: Totals): Tile[] {
    const seconds = Math.floor(run.elapsed / 1000)
    const perSecond = (rate: number) => `${whole(rate)} per second`
    return [
      { name: 'Peers', value: `${run.slots.length}`, detail: `${run.ready} ready` },
      { name: 'Links', value: whole(linksOf(run.meshPeers)), detail: 'each counted once' },
      { name: 'Known', value: whole(totals.known), detail: 'other peers' },
      {
        name: 'Elapsed',
        value: `${seconds} s`,
        detail: run.duration === undefined ? undefined : `of ${run.duration} s`
      },
      { name: 'Sent', value: whole(totals.sent), detail: perSecond(this.rates.sent) },
      { name: 'Received', value: whole(totals.received), detail: perSecond(this.rates.received) },
      { name: 'Relayed', value: whole(totals.relayed), detail: perSecond(this.rates.relayed) },
      {
        name: 'Duplicates',
        value: whole(totals.duplicates),
        detail: ratio(totals.duplicates, totals.received)
      },
      deliveryTile(run),
      latencyTile(run),
      {
        name: 'Tick lateness',
        value: milliseconds(run.recorder?.tickLatenessP95),
        detail: '95% of ticks are less late'
      }
    ]
  }

  private updateRates({ sent, received, relayed }: Totals): void {
    const now = performance.now()
    const seconds = (now - this.last.at) / 1000
    if (seconds < 0.5) return
    this.rates = {
      sent: (sent - this.last.sent) / seconds,
      received: (received - this.last.received) / seconds,
      relayed: (relayed - this.last.relayed) / seconds
    }
    this.last = { at: now, sent, received, relayed }
  }
}

/** What the page was asked to do, in a few words. */
function settingOf({ library, routine, messageTypes, network, testId }: Parameters): string {
  const test = testId === undefined ? 'no test' : `test ${testId}`
  const unusual = [
    ...(messageTypes === 'faithful' ? [] : [messageTypes]),
    ...(network === 'perfect' ? [] : [network])
  ]
  return [test, library, routine.text, ...unusual].join(' · ')
}

/**
 * Covers only this page's own peers, because a page cannot know what others sent: first arrivals of their
 * messages ÷ (messages sent × other peers). The results server knows the total.
 */
function deliveryTile({ slots, meshPeers, departed }: TestRun): Tile {
  const name = 'Delivery'
  if (departed.length > 0) return { name, value: '–', detail: 'peers came and went: see the results' }
  if (slots.length < 2) return { name, value: '–', detail: 'a page of one peer cannot know' }
  const ids = meshPeers.map(({ id }) => id)
  let owed = 0
  let received = 0
  for (const { ledger } of meshPeers) {
    owed += ledger.total.sent * (meshPeers.length - 1)
    for (const id of ids) received += ledger.receivedFrom(id)
  }
  const value = owed === 0 ? '–' : `${((100 * received) / owed).toFixed(1)}%`
  return { name, value, detail: 'between the peers of this page' }
}

function latencyTile({ meshPeers, departed }: TestRun): Tile {
  const all = new Histogram()
  for (const { ledger } of [...meshPeers, ...departed]) all.add(ledger.latency)
  if (all.count === 0) return { name: 'Latency', value: '–', detail: 'median and 95%' }
  const [median, high] = [50, 95].map((percent) => milliseconds(all.percentile(percent) / 1000))
  return { name: 'Latency', value: median!, detail: `median; 95% below ${high!}` }
}

const whole = (value: number) => Math.round(value).toLocaleString('en')
const milliseconds = (value: number | undefined) => (value === undefined ? '–' : `${value.toFixed(1)} ms`)
const ratio = (part: number, base: number) =>
  base === 0 ? undefined : `${(part / base).toFixed(2)} for each received`
