/** The charts over the test's time. */
import { useMemo } from 'preact/hooks'
import { amount, bytes, milliseconds, percent } from '../../charts/format'
import { sum } from '../../../analysis/distribution'
import { VALIDITY } from '../../../analysis/validity/limits'
import { seriesColour, type ColourName } from '../../charts/palette'
import { TimeChart, type TimeChartProps } from '../../charts/time-chart'
import { MESSAGE_KINDS, type MessageKind } from '../../../protocol/names'
import type { Moment } from '../../model/moment'
import type { RunnerRecord } from '../../model/test-model'
import {
  bandsOf,
  cpuOf,
  DELIVERY_WINDOW,
  deliveryOf,
  greatest,
  KIND_CHOICES,
  latencyPercentiles,
  perPeer,
  peersReporting,
  perSecond,
  series,
  SHORT_DELIVERY_WINDOW,
  type Band,
  type KindChoice
} from '../../model/series'
import { Select } from './select'

const RUNNERS_DRAWN = 12

const KIND_COLOURS: Record<MessageKind, ColourName> = { position: 'one', profile: 'two', chat: 'three' }

export interface Chart extends Omit<TimeChartProps, 'series' | 'span' | 'lines'> {
  lines: (TimeChartProps['lines'][number] & { value: (bucket: number) => number | null })[]
}

interface OverTimeProps {
  moment: Moment
  kind: KindChoice
  onKind: (kind: KindChoice) => void
}

export function OverTime({ moment, kind, onKind }: OverTimeProps) {
  const charts = useMemo(() => chartsOf(moment, kind).filter(({ lines }) => lines.length > 0), [moment, kind])
  return (
    <section aria-labelledby="over-time">
      <div class="heading">
        <h2 id="over-time">Over time</h2>
        <Select label="Latency of" value={kind} options={KIND_CHOICES} onChange={onKind} />
      </div>
      <Shades bands={bandsOf(moment.model, moment.span)} />
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

/** Charts side by side, with the same time axis. */
export function ChartGrid({ charts, moment }: { charts: Chart[]; moment: Moment }) {
  const { model, timeline, count, span } = moment
  const bands = bandsOf(model, span)
  const drawn = useMemo(
    () => charts.map((chart) => ({ chart, data: series(timeline, count, chart.lines) })),
    [charts, moment]
  )
  return (
    <div class="charts">
      {drawn.map(({ chart, data }) => (
        <TimeChart key={chart.title} {...chart} series={data} span={span} bands={bands} />
      ))}
    </div>
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
        { label: each, colour: KIND_COLOURS[each], value: rate(totals[`received.${each}`]) },
        {
          label: `${each} sent`,
          colour: KIND_COLOURS[each],
          dashed: true,
          value: rate(totals[`sent.${each}`])
        }
      ])
    },
    deliveryChart(moment),
    {
      title: 'Latency',
      unit: `of first arrivals, ${kind === 'all' ? 'all kinds' : kind}`,
      format: milliseconds,
      lines: [
        { label: 'p50', colour: 'one', value: p50! },
        { label: 'p95', colour: 'two', value: p95! },
        { label: 'p99', colour: 'four', value: p99! }
      ]
    },
    {
      title: 'Duplicates and relays',
      unit: 'per second, all peers',
      format: amount,
      lines: [
        { label: 'duplicates', colour: 'two', value: rate(...duplicates) },
        { label: 'relayed packets', colour: 'one', value: rate(totals.relayed) }
      ]
    },
    {
      title: 'Peers',
      unit: 'that report',
      format: amount,
      lines: [{ label: 'peers', colour: 'one', value: peersReporting(totals) }]
    },
    {
      title: 'Connections',
      unit: `open, mean of a peer${hasSilence ? '; silent: nothing arrived for 3 s' : ''}`,
      format: amount,
      lines: [
        { label: 'connections', colour: 'one', value: perPeer(totals, totals.links) },
        ...(hasSilence
          ? [{ label: 'silent', colour: 'two' as const, value: perPeer(totals, totals.silent) }]
          : [])
      ]
    },
    {
      title: 'Traffic',
      unit: 'bytes per second, all peers',
      format: bytes,
      lines: [
        { label: 'received', colour: 'one', value: rate(totals.bytesReceived) },
        { label: 'sent', colour: 'two', value: rate(totals.bytesSent) }
      ]
    },
    {
      title: 'Tick lateness',
      unit: 'of the worst page; dotted: too late',
      format: milliseconds,
      logarithmic: true,
      bound: VALIDITY.tickLatenessP95,
      lines: [
        { label: 'p95', colour: 'one', value: greatest(totals, totals.latenessP95) },
        { label: 'latest tick', colour: 'four', value: greatest(totals, totals.latenessMax) }
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
      label: last.runnerId,
      colour: seriesColour(i),
      dashed: i >= 6,
      value: values[i]!
    }))
  const known = (bucket: number) =>
    values
      .map((value) => value(bucket))
      .filter((share) => share !== null && Number.isFinite(share)) as number[]
  return [
    { label: 'busiest', colour: 'four', value: (bucket) => Math.max(...known(bucket)) },
    {
      label: `mean of ${runners.length}`,
      colour: 'one',
      value: (bucket) => sum(known(bucket)) / known(bucket).length
    }
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
    lines: kinds.map((each) => ({
      label: each,
      colour: KIND_COLOURS[each],
      value: deliveryOf(timeline, each, window)
    }))
  }
}
