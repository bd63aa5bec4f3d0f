import { useMemo } from 'preact/hooks'
import { amount, bytes, duration, milliseconds, percent } from '../../charts/format'
import { LatencyHistogram } from '../../charts/latency-histogram'
import { sum } from '../../../analysis/distribution'
import { KINDS } from '../../../analysis/summary/figures'
import { VALIDITY } from '../../../analysis/validity/limits'
import { SERIES_COLOURS, type ColourName } from '../../charts/palette'
import { chart, ChartGrid, line, type Chart } from '../../charts/time-chart'
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import { percentilesOf } from '../../model/latency-bins'
import type { Moment } from '../../model/moment'
import type { TestModel } from '../../model/test-model'
import {
  cpuOf,
  deliveryBetween,
  greatest,
  latencyCounts,
  perPeer,
  peersReporting,
  perSecond,
  type Band,
  type KindChoice
} from '../../model/series'
import { Select } from '../parts'

const RUNNERS_DRAWN = 12

/** Messages are rare compared with buckets, so delivery is averaged over this many seconds. */
const DELIVERY_WINDOW = 20
/** The same for kinds that every peer sends several times a second. */
const SHORT_DELIVERY_WINDOW = 4

const KIND_COLOURS: Record<MessageKind, ColourName> = { position: 'one', profile: 'two', chat: 'three' }

/** What a section shows of messages of a kind. */
interface KindProps {
  moment: Moment
  kind: KindChoice
  onKind: (kind: KindChoice) => void
}

export function OverTime({ moment, kind, onKind }: KindProps) {
  const charts = useMemo(() => chartsOf(moment, kind).filter(({ lines }) => lines.length > 0), [moment, kind])
  const has = (wanted: Band['what']) => moment.bands.some(({ what }) => what === wanted)
  return (
    <section aria-labelledby="over-time">
      <div class="heading">
        <h2 id="over-time">Over time</h2>
        <Select label="Latency of" value={kind} options={KINDS} onChange={onKind} />
      </div>
      <p class="unit">
        {has('warm-up') && 'Shaded at the start: the warm-up, which the summary leaves out. '}
        {has('outage') && 'Shaded more: outages and partitions of the test’s network.'}
      </p>
      <ChartGrid charts={charts} moment={moment} />
    </section>
  )
}

export function LatencySection({ moment, kind, onKind }: KindProps) {
  const { timeline, measured, count, summary } = moment
  const counts = useMemo(() => latencyCounts(timeline, kind, measured, count), [moment, kind])
  return (
    <section aria-labelledby="latency">
      <div class="heading">
        <h2 id="latency">Latency</h2>
        <Select label="of" value={kind} options={KINDS} onChange={onKind} />
      </div>
      <LatencyHistogram counts={counts} exact={summary?.latency[kind]} />
    </section>
  )
}

function chartsOf(moment: Moment, kind: KindChoice): Chart[] {
  const { model, timeline, count } = moment
  const { totals } = timeline
  const rate = (...columns: Float32Array[]) => perSecond(totals, ...columns)
  const hasSilence = totals.silent.some((time) => time > 0)
  const percentiles = Array.from({ length: count }, (_, bucket) =>
    percentilesOf(latencyCounts(timeline, kind, bucket, bucket + 1), [50, 95, 99])
  )
  const percentile = (at: number) => (bucket: number) => percentiles[bucket]![at]!
  const messages = MESSAGE_KINDS.flatMap((each) => [
    line(each, KIND_COLOURS[each], rate(totals[`received.${each}`])),
    line(`${each} sent`, KIND_COLOURS[each], rate(totals[`sent.${each}`]), true)
  ])
  const duplicates = MESSAGE_KINDS.map((each) => totals[`duplicates.${each}`])
  const silent = line('silent', 'two', perPeer(totals, totals.silent))
  return [
    chart('Messages received', 'per second, all peers; dashed: sent', amount, messages, {
      logarithmic: true
    }),
    deliveryChart(moment),
    chart('Latency', `of first arrivals, ${kind === 'all' ? 'all kinds' : kind}`, milliseconds, [
      line('p50', 'one', percentile(0)),
      line('p95', 'two', percentile(1)),
      line('p99', 'four', percentile(2))
    ]),
    chart('Duplicates and relays', 'per second, all peers', amount, [
      line('duplicates', 'two', rate(...duplicates)),
      line('relayed packets', 'one', rate(totals.relayed))
    ]),
    chart('Peers', 'that report', amount, [line('peers', 'one', peersReporting(totals))]),
    chart(
      'Connections',
      `open, mean of a peer${hasSilence ? '; silent: nothing arrived for 3 s' : ''}`,
      amount,
      [line('connections', 'one', perPeer(totals, totals.links)), ...(hasSilence ? [silent] : [])]
    ),
    chart('Traffic', 'bytes per second, all peers', bytes, [
      line('received', 'one', rate(totals.bytesReceived)),
      line('sent', 'two', rate(totals.bytesSent))
    ]),
    chart(
      'Tick lateness',
      'of the worst page; dotted: too late',
      milliseconds,
      [
        line('p95', 'one', greatest(totals, totals.latenessP95)),
        line('latest tick', 'four', greatest(totals, totals.latenessMax))
      ],
      { logarithmic: true, bound: VALIDITY.tickLatenessP95 }
    ),
    chart('CPU by runner', 'share of its cores; dotted: overloaded', percent, cpuLines(model), {
      bound: VALIDITY.cpuUsage
    })
  ]
}

/** Of more runners than lines could be distinguished, the busiest and the mean. */
function cpuLines(model: TestModel): Chart['lines'] {
  const runners = [...model.runners.values()]
  const values = runners.map(cpuOf)
  if (runners.length <= RUNNERS_DRAWN)
    return runners.map(({ last }, i) => {
      const { length } = SERIES_COLOURS
      return line(last.runnerId, SERIES_COLOURS[i % length]!, values[i]!, i >= length)
    })
  const known = (bucket: number) =>
    values.map((value) => value(bucket)).filter((share) => Number.isFinite(share)) as number[]
  return [
    line('busiest', 'four', (bucket) => Math.max(...known(bucket))),
    line(`mean of ${runners.length}`, 'one', (bucket) => sum(known(bucket)) / known(bucket).length)
  ]
}

/**
 * An estimate over a long window. A finished test has exact figures, which that would contradict: rare kinds
 * have only those, and frequent ones a short window.
 */
function deliveryChart({ summary, timeline }: Moment): Chart {
  const kinds = summary === undefined ? MESSAGE_KINDS : (['position'] as const)
  const window = summary === undefined ? DELIVERY_WINDOW : SHORT_DELIVERY_WINDOW
  const exact = MESSAGE_KINDS.map((kind) => `${kind} ${percent(summary?.delivery[kind])}`).join(', ')
  const { width } = timeline.grid
  const buckets = Math.ceil((window * 1000) / width)
  const over = duration((buckets * width) / 1000)
  const unit = `received ÷ owed, over ${over}${summary === undefined ? '' : `; in all: ${exact}`}`
  const lines = kinds.map((each) =>
    line(each, KIND_COLOURS[each], (bucket) =>
      deliveryBetween(timeline.totals, each, Math.max(0, bucket + 1 - buckets), bucket + 1)
    )
  )
  return chart('Delivery', unit, percent, lines, { top: 1 })
}
