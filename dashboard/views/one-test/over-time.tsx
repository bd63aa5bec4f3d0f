/** The charts over the test's time. */
import { useMemo } from 'preact/hooks'
import { amount, bytes, milliseconds, percent } from '../../charts/format'
import { sum } from '../../../analysis/distribution'
import { KINDS } from '../../../analysis/summary/figures'
import { VALIDITY } from '../../../analysis/validity/limits'
import { seriesColour, type ColourName } from '../../charts/palette'
import { ChartGrid, line, type Chart } from '../../charts/time-chart'
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { Moment } from '../../model/moment'
import type { RunnerRecord } from '../../model/test-model'
import {
  cpuOf,
  deliveryOf,
  greatest,
  latencyPercentiles,
  perPeer,
  peersReporting,
  perSecond,
  type Band,
  type KindChoice
} from '../../model/series'
import { Select } from './select'

const RUNNERS_DRAWN = 12

/** Messages are rare compared with buckets, so delivery is averaged over this many seconds. */
const DELIVERY_WINDOW = 20
/** The same for kinds that every peer sends several times a second. */
const SHORT_DELIVERY_WINDOW = 4

const KIND_COLOURS: Record<MessageKind, ColourName> = { position: 'one', profile: 'two', chat: 'three' }

/** What a section shows of messages of a kind. */
export interface KindProps {
  moment: Moment
  kind: KindChoice
  onKind: (kind: KindChoice) => void
}

export function OverTime({ moment, kind, onKind }: KindProps) {
  const charts = useMemo(() => chartsOf(moment, kind).filter(({ lines }) => lines.length > 0), [moment, kind])
  return (
    <section aria-labelledby="over-time">
      <div class="heading">
        <h2 id="over-time">Over time</h2>
        <Select label="Latency of" value={kind} options={KINDS} onChange={onKind} />
      </div>
      <Shades bands={moment.bands} />
      <ChartGrid charts={charts} moment={moment} />
    </section>
  )
}

function Shades({ bands }: { bands: Band[] }) {
  const has = (kind: Band['what']) => bands.some(({ what }) => what === kind)
  return (
    <p class="unit">
      {has('warm-up') && 'Shaded at the start: the warm-up, which the summary leaves out. '}
      {has('outage') && 'Shaded more: outages and partitions of the test’s network.'}
    </p>
  )
}

function chartsOf(moment: Moment, kind: KindChoice): Chart[] {
  const { model, timeline, count } = moment
  const { totals } = timeline
  const rate = (...columns: Float32Array[]) => perSecond(totals, ...columns)
  const hasSilence = totals.silent.some((time) => time > 0)
  const [p50, p95, p99] = latencyPercentiles(timeline, kind, count, [50, 95, 99])
  const duplicates = MESSAGE_KINDS.map((each) => totals[`duplicates.${each}`])
  return [
    {
      title: 'Messages received',
      unit: 'per second, all peers; dashed: sent',
      format: amount,
      logarithmic: true,
      lines: MESSAGE_KINDS.flatMap((each) => [
        line(each, KIND_COLOURS[each], rate(totals[`received.${each}`])),
        { ...line(`${each} sent`, KIND_COLOURS[each], rate(totals[`sent.${each}`])), dashed: true }
      ])
    },
    deliveryChart(moment),
    {
      title: 'Latency',
      unit: `of first arrivals, ${kind === 'all' ? 'all kinds' : kind}`,
      format: milliseconds,
      lines: [line('p50', 'one', p50!), line('p95', 'two', p95!), line('p99', 'four', p99!)]
    },
    {
      title: 'Duplicates and relays',
      unit: 'per second, all peers',
      format: amount,
      lines: [
        line('duplicates', 'two', rate(...duplicates)),
        line('relayed packets', 'one', rate(totals.relayed))
      ]
    },
    {
      title: 'Peers',
      unit: 'that report',
      format: amount,
      lines: [line('peers', 'one', peersReporting(totals))]
    },
    {
      title: 'Connections',
      unit: `open, mean of a peer${hasSilence ? '; silent: nothing arrived for 3 s' : ''}`,
      format: amount,
      lines: [
        line('connections', 'one', perPeer(totals, totals.links)),
        ...(hasSilence ? [line('silent', 'two', perPeer(totals, totals.silent))] : [])
      ]
    },
    {
      title: 'Traffic',
      unit: 'bytes per second, all peers',
      format: bytes,
      lines: [
        line('received', 'one', rate(totals.bytesReceived)),
        line('sent', 'two', rate(totals.bytesSent))
      ]
    },
    {
      title: 'Tick lateness',
      unit: 'of the worst page; dotted: too late',
      format: milliseconds,
      logarithmic: true,
      bound: VALIDITY.tickLatenessP95,
      lines: [
        line('p95', 'one', greatest(totals, totals.latenessP95)),
        line('latest tick', 'four', greatest(totals, totals.latenessMax))
      ]
    },
    {
      title: 'CPU by runner',
      unit: 'share of its cores; dotted: overloaded',
      format: percent,
      bound: VALIDITY.cpuUsage,
      lines: cpuLines([...model.runners.values()])
    }
  ]
}

/** Of more runners than lines could be distinguished, the busiest and the mean. */
function cpuLines(runners: RunnerRecord[]): Chart['lines'] {
  const values = runners.map(cpuOf)
  if (runners.length <= RUNNERS_DRAWN)
    return runners.map(({ last }, i) => ({
      ...line(last.runnerId, seriesColour(i), values[i]!),
      dashed: i >= 6
    }))
  const known = (bucket: number) =>
    values
      .map((value) => value(bucket))
      .filter((share) => share !== null && Number.isFinite(share)) as number[]
  return [
    line('busiest', 'four', (bucket) => Math.max(...known(bucket))),
    line(`mean of ${runners.length}`, 'one', (bucket) => sum(known(bucket)) / known(bucket).length)
  ]
}

/**
 * While the test runs, an estimate over a long window. A finished test has exact figures, which a long window
 * would contradict: rare messages have only those, and frequent ones a short window.
 */
function deliveryChart({ summary, timeline }: Moment): Chart {
  const kinds = summary === undefined ? MESSAGE_KINDS : (['position'] as const)
  const window = summary === undefined ? DELIVERY_WINDOW : SHORT_DELIVERY_WINDOW
  const exact = MESSAGE_KINDS.map((kind) => `${kind} ${percent(summary?.delivery[kind])}`).join(', ')
  return {
    title: 'Delivery',
    unit: `received ÷ owed, over ${window} s${summary === undefined ? '' : `; in all: ${exact}`}`,
    format: percent,
    top: 1,
    lines: kinds.map((each) => line(each, KIND_COLOURS[each], deliveryOf(timeline, each, window)))
  }
}
