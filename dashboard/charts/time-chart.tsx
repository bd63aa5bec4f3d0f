/** Line charts over time, by uPlot. The legend shows the values under the cursor, or the latest ones. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import uPlot from 'uplot'
import { capitalised } from '../../analysis/format'
import type { Moment } from '../model/moment'
import { series, type Band, type Values } from '../model/series'
import { chosen, duration } from './format'
import { colour, useTheme, type ColourName } from './palette'
import { useSize } from './size'

export function line(label: string, colour: ColourName, value: Values, dashed = false) {
  return { label, colour, value, dashed }
}
type Line = ReturnType<typeof line>

interface Axis {
  /** For values that span orders of magnitude: linear near 0 and logarithmic beyond. */
  logarithmic?: boolean
  /** A fixed upper end, such as 1 for shares. */
  top?: number
  /** A limit from a validity rule, drawn as a dashed line. */
  bound?: number
}

type Format = (value: number | null | undefined) => string

/** @param unit of the values, in words, after the title */
export function chart(title: string, unit: string, format: Format, lines: Line[], axis: Axis = {}) {
  return { title, unit, format, lines, ...axis }
}
export type Chart = ReturnType<typeof chart>

const HEIGHT = 150
/** 0, and powers of ten that no value exceeds. */
const TENS = [0, ...Array.from({ length: 20 }, (_, power) => 10 ** power)]

export function ChartGrid({ charts, moment }: { charts: Chart[]; moment: Moment }) {
  return (
    <div class="charts">
      {charts.map((chart) => (
        <TimeChart key={chart.title} chart={chart} moment={moment} />
      ))}
    </div>
  )
}

function TimeChart({ chart, moment }: { chart: Chart; moment: Moment }) {
  const { title, unit, format, lines } = chart
  const { timeline, count, span, bands } = moment
  const { element, width } = useSize<HTMLDivElement>()
  const drawn = useRef<uPlot>(null)
  const [hovered, setHovered] = useState<number | null>(null)
  const theme = useTheme()
  const { x, values } = useMemo(() => series(timeline, count, lines), [chart, moment])
  // A change of these needs a new chart.
  const names = [...lines.map(({ label }) => label), JSON.stringify(bands)].join()

  // The second effect updates the data. This one creates a new chart, only when its appearance changes.
  useLayoutEffect(() => {
    const plot = new uPlot(optionsFor(chart, bands, width, setHovered), undefined, element.current!)
    drawn.current = plot
    return () => plot.destroy()
  }, [names, theme])

  useLayoutEffect(() => {
    const plot = drawn.current!
    plot.batch(() => {
      plot.setData([x, ...values], false)
      plot.setScale('x', { min: 0, max: span })
      plot.setScale('y', rangeOf(chart, values))
    })
  }, [values, names, theme])

  useEffect(() => drawn.current!.setSize({ width, height: HEIGHT }), [width])

  const at = hovered !== null && hovered < count ? hovered : count - 1
  const spoken = useMemo(
    () => lines.map(({ label }, i) => `${label} ${format(values[i]!.at(-1))}`).join(', '),
    [values]
  )
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span> <span class="unit">{unit}</span>
        <ul class="legend" aria-hidden="true">
          {lines.map(({ label, colour: name, dashed }, i) => (
            <li key={label}>
              <span class={`swatch ${dashed ? 'dashed' : ''}`} style={`--swatch: var(--${name})`} />
              <span class="label">{label}</span> <b>{format(values[i]![at])}</b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div
        ref={element}
        class="plot"
        role="img"
        aria-label={`${title}, ${unit}, over ${duration(span)}. Latest: ${spoken}${spokenBands(bands)}`}
      />
    </figure>
  )
}

const SHADES = { outage: 0.22, 'warm-up': 0.1 } as const

const spokenBands = (bands: readonly Band[]) =>
  bands.map(({ from, to, what }) => `. ${capitalised(what)} from ${chosen(from)} to ${chosen(to)}`).join('')

function rangeOf({ top, bound }: Chart, values: (number | null)[][]): { min: number; max: number } {
  const known = values.flat().filter((value) => value !== null)
  const high = Math.max(bound ?? 0, ...known)
  if (top !== undefined) {
    // Shares: in nearly all tests they are close to the top, so that is where the differences are.
    const most = Math.max(top, high)
    return { min: Math.max(0, Math.min(...known, most - 0.02) - 0.005), max: most + 0.005 }
  }
  return { min: 0, max: high > 0 ? high * 1.1 : 1 }
}

function optionsFor(
  { lines, format, logarithmic, bound }: Chart,
  bands: readonly Band[],
  width: number,
  onHover: (index: number | null) => void
): uPlot.Options {
  const axis = { stroke: () => colour('muted'), font: '11px system-ui, sans-serif' }
  const grid = { stroke: () => colour('line'), width: 1 }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, 18, 0, 0],
    cursor: {
      // All charts of the page share it.
      sync: { key: 'time', setSeries: false },
      drag: { x: false, y: false },
      points: { size: 6 }
    },
    scales: {
      x: { time: false },
      // Use the range from rangeOf as it is: uPlot would round its ends outwards.
      y: { distr: logarithmic ? 4 : 1, asinh: 1, range: (_, min, max) => [min, max] }
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        size: 26,
        space: 60,
        incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400],
        values: (_, marks) => marks.map((mark) => duration(mark))
      },
      {
        ...axis,
        grid,
        ticks: { show: false },
        size: 56,
        space: 28,
        ...(logarithmic && { splits: (_plot, _axis, _min, max) => TENS.filter((ten) => ten <= max) }),
        values: (_, marks) => marks.map((mark) => format(mark))
      }
    ],
    series: [
      {},
      ...lines.map(({ colour: name, dashed }) => ({
        stroke: () => colour(name),
        width: dashed ? 1.25 : 1.75,
        ...(dashed && { dash: [4, 3] }),
        points: { show: false }
      }))
    ],
    hooks: {
      setCursor: [(plot) => onHover(plot.cursor.idx ?? null)],
      drawClear: [(plot) => drawBands(plot, bands)],
      ...(bound !== undefined && { draw: [(plot) => drawBound(plot, bound)] })
    }
  }
}

function drawBands(plot: uPlot, bands: readonly Band[]): void {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.fillStyle = colour('muted')
  for (const { from, to, what } of bands) {
    ctx.globalAlpha = SHADES[what]
    const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
    ctx.fillRect(left, bbox.top, right - left, bbox.height)
  }
  ctx.restore()
}

function drawBound(plot: uPlot, bound: number): void {
  const y = plot.valToPos(bound, 'y', true)
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = colour('bad')
  ctx.setLineDash([2, 4])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}
