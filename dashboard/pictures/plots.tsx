/** The plots of a comparison and of a history, as SVG. */

/** From values to coordinates, with some room at both ends; a single value is centred. */
export function linearScale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low) * 0.06 || Math.abs(high) * 0.06 || 1
  return (value: number) => round(from + ((value - (low - room)) / (high - low + 2 * room)) * (to - from))
}

export interface RunDot {
  value: number
  column: number
  /** Position within its column, from −1 to 1. */
  offset: number
  kind: 'baseline' | 'candidate'
  title: string
}

interface RunPlotProps {
  label: string
  columns: readonly string[]
  dots: readonly RunDot[]
  links?: readonly (readonly [RunDot, RunDot])[]
  /** Bars across a column, such as an interval with its midpoint. */
  bars?: readonly { column: number; low: number; middle: number; high: number }[]
  /** Value of a dashed horizontal line. */
  reference?: number
  format: (value: number) => string
}

const RUN_WIDTH = 400
const RUN_HEIGHT = 190
const LEFT = 66
const BOTTOM = 22

/** Every run as a dot, in columns. */
export function RunPlot(plot: RunPlotProps) {
  const { columns, dots, links = [], bars = [], reference } = plot
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
  // Omits the middle tick if its label would equal that of an end.
  const ticks = [
    ...new Map([(least + most) / 2, least, most].map((tick) => [plot.format(tick), tick])).values()
  ]
  return (
    <svg viewBox={`0 0 ${RUN_WIDTH} ${RUN_HEIGHT}`} role="img" aria-label={plot.label}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="axis" x1={LEFT} x2={RUN_WIDTH - 8} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {plot.format(tick)}
          </text>
        </g>
      ))}
      {columns.map((name, column) => (
        <text key={column} x={center(column)} y={RUN_HEIGHT - 4} text-anchor="middle">
          {name}
        </text>
      ))}
      {reference !== undefined && (
        <line class="zero" x1={LEFT} x2={RUN_WIDTH - 8} y1={y(reference)} y2={y(reference)} />
      )}
      {links.map(([from, to], index) => (
        <line key={index} class="pair" x1={x(from)} y1={y(from.value)} x2={x(to)} y2={y(to.value)} />
      ))}
      {dots.map((dot, index) => (
        <circle key={index} class={dot.kind} cx={x(dot)} cy={y(dot.value)} r="4">
          <title>{dot.title}</title>
        </circle>
      ))}
      {bars.map(({ column, low, middle, high }) => (
        <path
          key={column}
          class="interval"
          d={`M${center(column) - 7} ${y(low)}h14M${center(column)} ${y(low)}V${y(high)}M${center(column) - 7} ${y(high)}h14M${center(column) - 12} ${y(middle)}h24`}
        />
      ))}
    </svg>
  )
}

export function round(value: number): number {
  return Math.round(value * 10) / 10
}
