/** The drawings of a comparison and of a history, as SVG. */
import { html, type Markup } from './html'

/** From a value to a coordinate, rounded to tenths of a pixel. */
export type Scale = (value: number) => number

/** Linear, with a little room at both ends; one value alone stands in the middle. */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const room = (high - low) * 0.06 || Math.abs(high) * 0.06 || 1
  return (value) => round(from + ((value - (low - room)) / (high - low + 2 * room)) * (to - from))
}

export interface IntervalPlot {
  /** What the drawing shows, for those who hear it. */
  label: string
  estimate: number
  interval: { low: number; high: number } | null
  /** The effect that is none. */
  noChange: number
  margin: { low: number; high: number }
  /** Each block's effect. */
  effects: readonly number[]
  /** To draw ratios on their logarithm. */
  toAxis: (effect: number) => number
}

const INTERVAL_WIDTH = 300
const INTERVAL_HEIGHT = 34

/** An interval on its axis, with the margin as a band, no change as a broken line, and the blocks as dots. */
export function drawInterval(plot: IntervalPlot): Markup {
  const { interval, margin, noChange, estimate, effects, toAxis } = plot
  const shown = [
    margin.low,
    margin.high,
    estimate,
    ...effects,
    ...(interval ? [interval.low, interval.high] : [])
  ]
  const scale = linearScale(shown.map(toAxis).filter(Number.isFinite), 6, INTERVAL_WIDTH - 6)
  const x = (effect: number) => scale(toAxis(effect))
  const middle = INTERVAL_HEIGHT / 2
  return html`<svg
    viewBox="0 0 ${INTERVAL_WIDTH} ${INTERVAL_HEIGHT}"
    role="img"
    aria-label="${plot.label}"
    style="min-width:220px"
  >
    <rect
      class="band"
      x="${x(margin.low)}"
      y="2"
      width="${Math.max(1, round(x(margin.high) - x(margin.low)))}"
      height="${INTERVAL_HEIGHT - 4}"
    />
    <line class="zero" x1="${x(noChange)}" x2="${x(noChange)}" y1="0" y2="${INTERVAL_HEIGHT}" />
    ${effects.map((effect) => html`<circle class="effect" cx="${x(effect)}" cy="${middle + 9}" r="2.5" />`)}
    ${
      interval
        ? html`<path
            class="interval"
            d="M${x(interval.low)} ${middle - 6}V${middle + 2}M${x(interval.low)} ${middle - 2}H${x(interval.high)}M${x(interval.high)} ${middle - 6}V${middle + 2}"
          />`
        : null
    }
    <circle class="estimate" cx="${x(estimate)}" cy="${middle - 2}" r="4" />
  </svg>`
}

export interface RunDot {
  value: number
  /** Column of the plot, counted from 0. */
  column: number
  /** Place inside its column, from −1 to 1. */
  offset: number
  kind: 'baseline' | 'candidate'
  /** Shown on hovering. */
  title: string
}

export interface RunPlot {
  label: string
  columns: readonly string[]
  dots: readonly RunDot[]
  /** Dots that belong together, as indices. */
  links: readonly (readonly [number, number])[]
  /** A bar across a column, such as an interval with its middle. */
  bars?: readonly { column: number; low: number; middle: number; high: number }[]
  /** A broken line across. */
  reference?: number
  format: (value: number) => string
}

const RUN_WIDTH = 400
const RUN_HEIGHT = 190
const LEFT = 66
const BOTTOM = 22

/** Every run as a dot, in columns. */
export function drawRuns(plot: RunPlot): Markup {
  const { columns, dots, links, bars = [], reference } = plot
  const values = [
    ...dots.map(({ value }) => value),
    ...bars.flatMap(({ low, high }) => [low, high]),
    ...(reference === undefined ? [] : [reference])
  ]
  const y = linearScale(values, RUN_HEIGHT - BOTTOM, 8)
  const step = (RUN_WIDTH - LEFT - 8) / columns.length
  const center = (column: number) => round(LEFT + (column + 0.5) * step)
  const x = ({ column, offset }: RunDot) => round(center(column) + offset * step * 0.3)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  // The middle is left out where it would read as one of the ends.
  const ticks = [
    ...new Map([(least + most) / 2, least, most].map((tick) => [plot.format(tick), tick])).values()
  ]
  return html`<svg viewBox="0 0 ${RUN_WIDTH} ${RUN_HEIGHT}" role="img" aria-label="${plot.label}">
    ${ticks.map(
      (tick) =>
        html`<line class="axis" x1="${LEFT}" x2="${RUN_WIDTH - 8}" y1="${y(tick)}" y2="${y(tick)}" /><text
            x="${LEFT - 6}"
            y="${y(tick) + 4}"
            text-anchor="end"
            >${plot.format(tick)}</text
          > `
    )}
    ${columns.map((name, column) => html`<text x="${center(column)}" y="${RUN_HEIGHT - 4}" text-anchor="middle">${name}</text> `)}
    ${reference === undefined ? null : html`<line class="zero" x1="${LEFT}" x2="${RUN_WIDTH - 8}" y1="${y(reference)}" y2="${y(reference)}" />`}
    ${links.map(([a, b]) => {
      const [from, to] = [dots[a]!, dots[b]!]
      return html`<line
        class="pair"
        x1="${x(from)}"
        y1="${y(from.value)}"
        x2="${x(to)}"
        y2="${y(to.value)}"
      /> `
    })}
    ${dots.map((dot) => html`<circle class="${dot.kind}" cx="${x(dot)}" cy="${y(dot.value)}" r="4"><title>${dot.title}</title></circle> `)}
    ${bars.map(
      ({ column, low, middle, high }) =>
        html`<path
          class="interval"
          d="M${center(column) - 7} ${y(low)}h14M${center(column)} ${y(low)}V${y(high)}M${center(column) - 7} ${y(high)}h14M${center(column) - 12} ${y(middle)}h24"
        /> `
    )}
  </svg>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
