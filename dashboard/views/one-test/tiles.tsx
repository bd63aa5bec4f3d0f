/** The test in a few numbers: of what is recent while it runs, of the summary once it is finished. */
import { formatAt, UNKNOWN } from '../../../analysis/format'
import { sum } from '../../../analysis/distribution'
import { areCounted, HEADLINE, measuredTime } from '../../../analysis/summary/figures'
import type { Summary } from '../../../protocol/summary'
import { amount, bytes, chosen, count, duration, milliseconds, percent } from '../../charts/format'
import { MESSAGE_KINDS } from '../../../protocol/names'
import { Facts } from '../../pictures/parts'
import { percentilesOf } from '../../model/latency-bins'
import type { Moment } from '../../model/moment'
import { deliveryBetween, latencyCounts, perPeer, peersReporting } from '../../model/series'

/** Short definitions of the figures, for readers who were sent a link. Exact ones: docs/metrics.md. */
const DEFINITIONS = {
  Delivery:
    'Messages received ÷ messages owed: each message is owed to every other peer that was present when it was sent.',
  'Latency p95':
    '95% of the messages that arrived took no longer than this from sending to first arrival. Messages that never arrived are not included.',
  'Owed latency p95':
    '95% of all messages owed arrived within this time of the instant they were due. Messages that never arrived count as later than all others.',
  Messages: 'First arrivals per second, over all peers.',
  Duplicates: 'Later arrivals of a message that the peer already had, per first arrival.',
  Peers: 'Simulated peers that sent data, and the connections each of them had.',
  Traffic:
    'Bytes received on data channels per second, over all peers, including the library’s own messages.',
  Elapsed: 'Time since the peers started their routines.',
  Measured: 'Time that the figures cover: from the end of the warm-up to the end of the routines.'
} as const

type Figure = [name: keyof typeof DEFINITIONS, value: string, detail: string]

export function Tiles({ moment }: { moment: Moment }) {
  const planned = moment.model.state?.duration
  const figures = moment.summary ? figuresOfSummary(moment.summary, planned) : recentFigures(moment)
  const facts = figures.map(([name, value, detail]) => {
    const shown = (
      <>
        <b>{value}</b>
        <span>{detail}</span>
      </>
    )
    return [name, shown, DEFINITIONS[name]] as const
  })
  return <Facts kind="tiles" facts={facts} />
}

function figuresOfSummary(summary: Summary, planned: number | undefined): Figure[] {
  const { received, sent, wire, peers, measured } = summary
  const isKnown = measured.seconds > 0 && areCounted(summary)
  const rate = (total: number) => (isKnown ? total / measured.seconds : null)
  const at = (path: string) => formatAt(summary, path)
  return [
    ['Delivery', at(HEADLINE.delivery), 'of the messages owed'],
    ['Latency p95', at(HEADLINE.latency), `all kinds; p50 ${at(HEADLINE.latencyMedian)}`],
    ['Owed latency p95', at(HEADLINE.latencyOwed), 'all messages owed, from when they were due'],
    ['Messages', `${amount(rate(received.all))}/s`, `received; ${amount(rate(sent.all))}/s sent`],
    ['Duplicates', at(HEADLINE.duplicates), 'per message received'],
    ['Peers', count(peers.reporting), `links of each: ${at('mesh.degree.p50')} (median)`],
    ['Traffic', `${bytes(rate(wire.bytesReceived))}/s`, 'received by all peers'],
    ['Measured', measuredTime(summary), plannedOf(planned)]
  ]
}

function recentFigures({ timeline, recent: first, count: end, at, model }: Moment): Figure[] {
  const { grid, totals } = timeline
  const recent = (column: Float32Array) => sum(column.subarray(first, end))
  const kinds = (name: 'sent' | 'received' | 'duplicates') =>
    sum(MESSAGE_KINDS.map((kind) => recent(totals[`${name}.${kind}`])))
  const seconds = recent(totals.coverage) / 1000
  const received = kinds('received')
  const [p50, p95] = percentilesOf(latencyCounts(timeline, 'all', first, end), [50, 95])
  const links = perPeer(totals, totals.links)
  const when = end === 0 ? UNKNOWN : `in the last ${duration(((end - first) * grid.width) / 1000)}`
  const { state, duration: planned } = model.state ?? {}
  const whole = state === 'finished' ? `of ${duration((model.end - grid.origin) / 1000)}` : plannedOf(planned)

  return [
    ['Delivery', percent(deliveryBetween(totals, 'all', first, end)), when],
    ['Latency p95', milliseconds(p95), `all kinds; p50 ${milliseconds(p50)}`],
    ['Messages', `${amount(received / seconds)}/s`, `received; ${amount(kinds('sent') / seconds)}/s sent`],
    ['Duplicates', percent(received > 0 ? kinds('duplicates') / received : null), 'per message received'],
    ['Peers', count(peersReporting(totals)(end - 1)), `links of each: ${amount(links(end - 1))} (mean)`],
    ['Traffic', `${bytes(recent(totals.bytesReceived) / seconds)}/s`, 'received by all peers'],
    ['Elapsed', duration(Math.max(0, at - grid.origin) / 1000), whole]
  ]
}

const plannedOf = (seconds: number | undefined) =>
  seconds === undefined ? 'no planned end' : `of a test of ${chosen(seconds)}`
