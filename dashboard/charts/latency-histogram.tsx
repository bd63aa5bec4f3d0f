/** The latency distribution: bars on a logarithmic axis, with the percentiles marked. */
import { sum } from '../../analysis/distribution'
import { BINS, binStart, percentilesOf } from '../model/latency-bins'
import { amount, count as countFormat, milliseconds } from './format'
import { useSize } from './size'

/** The model's bins per bar: a bar is an eighth of a doubling, 9% wide. */
const BINS_PER_BAR = 4
const HEIGHT = 280
const FLOOR = HEIGHT - 22
const TOP = 40

const POINTS = ['p50', 'p95', 'p99'] as const

interface LatencyHistogramProps {
  counts: Float64Array
  /** The summary's percentiles (ms), null for too few messages; if absent, the bins' estimates. */
  exact?: Record<(typeof POINTS)[number], number | null> | null | undefined
}

export function LatencyHistogram({ counts, exact }: LatencyHistogramProps) {
  const { element, width } = useSize<HTMLDivElement>()
  const bars = barsOf(counts)
  const total = sum(counts)
  const first = Math.log2(bars[0]!.from)
  const last = Math.log2(bars.at(-1)!.until)
  // A message that came before it was sent, by the clocks, counts as 0 ms.
  const x = (value: number) => Math.max(0, ((Math.log2(value) - first) / (last - first)) * width)
  const most = Math.max(...bars.map(({ count }) => count))
  const height = (count: number) => (count / most) * (FLOOR - TOP - 6)
  const binned = percentilesOf(counts, [50, 95, 99])
  const marks = POINTS.flatMap((point, i) => {
    const value = exact ? exact[point] : binned[i]!
    return value === null ? [] : [{ y: 12 + 14 * i, at: x(value), name: `${point} ${milliseconds(value)}` }]
  })
  const spoken = [`${countFormat(total)} latencies`, ...marks.map(({ name }) => name)].join(', ')
  return (
    <div ref={element} class="histogram">
      {total === 0 ? (
        <p class="empty">No latency is known.</p>
      ) : (
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={spoken}>
          {bars.map(({ from, until, count }) => (
            <rect
              key={from}
              class="bar"
              x={x(from)}
              y={FLOOR - height(count)}
              width={Math.max(1, x(until) - x(from) - 1)}
              height={height(count)}
            >
              <title>{`${amount(from)}–${milliseconds(until)}: ${countFormat(count)}`}</title>
            </rect>
          ))}
          <line class="axis" x1={0} x2={width} y1={FLOOR} y2={FLOOR} />
          {ticksBetween(2 ** first, 2 ** last).map((tick) => (
            <text key={tick} x={x(tick)} y={HEIGHT - 6} text-anchor={anchor(x(tick), width)}>
              {milliseconds(tick)}
            </text>
          ))}
          {marks.map(({ y, at, name }) => (
            <g key={y} class="mark">
              <line x1={at} x2={at} y1={y + 3} y2={FLOOR} />
              <text x={at} y={y} text-anchor={anchor(at, width)}>
                {name}
              </text>
            </g>
          ))}
        </svg>
      )}
    </div>
  )
}

/** Bars from the first to the last one with a count, in ms. */
function barsOf(counts: Float64Array) {
  const bars = Array.from({ length: BINS / BINS_PER_BAR }, (_, bar) => {
    const [bin, end] = [bar * BINS_PER_BAR, (bar + 1) * BINS_PER_BAR]
    return { from: binStart(bin), until: binStart(end), count: sum(counts.subarray(bin, end)) }
  })
  const filled = (bar: { count: number }) => bar.count > 0
  return bars.slice(Math.max(0, bars.findIndex(filled) - 1), bars.findLastIndex(filled) + 2)
}

/** 1, 2, 5, 10, 20 … if there is room for all of them, otherwise 1, 10, 100 … */
function ticksBetween(from: number, until: number): number[] {
  const steps = until / from > 300 ? [1] : [1, 2, 5]
  const powers = Array.from({ length: 10 }, (_, at) => at - 3)
  const ticks = powers.flatMap((power) => steps.map((step) => Number((step * 10 ** power).toPrecision(1))))
  return ticks.filter((tick) => tick >= from && tick <= until)
}

const anchor = (x: number, width: number) => (x < 40 ? 'start' : x > width - 40 ? 'end' : 'middle')
