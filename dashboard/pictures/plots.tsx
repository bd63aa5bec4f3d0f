/** The plots of a comparison and of a history, as SVG. */

const round = (value: number) => Math.round(value * 10) / 10

/** From values to coordinates, with some room at both ends; a single value is centred. */
function linearScale(values: readonly number[], from: number, to: number) {
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
  // Long labels, such as "0.33 requests/s", begin further left.
  const left = Math.min(0, LEFT - 14 - 7 * Math.max(...ticks.map((tick) => plot.format(tick).length)))
  return (
    <svg viewBox={`${left} 0 ${RUN_WIDTH - left} ${RUN_HEIGHT}`} role="img" aria-label={plot.label}>
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

const ROW_WIDTH = 320
const ROW_HEIGHT = 46

/** The axis is linear below this size and logarithmic above it, so that both 1% and a doubling fit. */
const LINEAR_WITHIN = 0.01
const TICKS: readonly (readonly [change: number, label: string])[] = [
  [0, '0%'],
  ...[1, 3, 10, 30].flatMap((percent) => [
    [Math.log1p(percent / 100), `+${percent}%`] as const,
    [Math.log1p(-percent / 100), `−${percent}%`] as const
  ]),
  ...[3, 20, 1000].flatMap((factor) => [
    [Math.log(factor), `×${factor}`] as const,
    [-Math.log(factor), `÷${factor}`] as const
  ])
]

/** Covers all these changes (logarithms of ratios): where each is drawn, and labels. */
export function changeAxis(changes: readonly number[]) {
  const squeeze = (change: number) => Math.asinh(change / LINEAR_WITHIN)
  const [low, high] = [Math.min(0, ...changes), Math.max(0, ...changes)]
  const scale = linearScale([squeeze(low), squeeze(high)], 8, ROW_WIDTH - 8)
  const x = (change: number) => scale(squeeze(change))
  const ticks: { x: number; label: string }[] = []
  // From the middle outwards, skipping ticks without room for a label.
  for (const [change, label] of TICKS) {
    if (change >= low && change <= high && ticks.every((other) => Math.abs(other.x - x(change)) > 34))
      ticks.push({ x: x(change), label })
  }
  return { x, ticks }
}

interface Bounds {
  low: number
  high: number
}

/** Changes of one metric, as logarithms of ratios; an interval that is not finite is not drawn. */
export interface Changes {
  estimate: number
  interval: Bounds | null
  margin: Bounds
  /** Each block's change. */
  effects: readonly number[]
}

interface IntervalPlotProps extends Changes {
  label: string
  axis: ReturnType<typeof changeAxis>
}

/** An interval on the shared axis: the margin is a band, no change is a dashed line, and blocks are dots. */
export function IntervalPlot({ label, estimate, interval, margin, effects, axis }: IntervalPlotProps) {
  const { x, ticks } = axis
  const bottom = ROW_HEIGHT - 12
  const middle = bottom / 2
  const [from, to] = [x(margin.low), x(margin.high)]
  const [low, high] = [x(interval?.low ?? NaN), x(interval?.high ?? NaN)]
  return (
    <svg viewBox={`0 0 ${ROW_WIDTH} ${ROW_HEIGHT}`} role="img" aria-label={label} style="min-width:240px">
      <rect class="band" x={from} y="2" width={Math.max(1, round(to - from))} height={bottom - 4} />
      {ticks.map((tick) => (
        <g key={tick.label}>
          <line class="axis" x1={tick.x} x2={tick.x} y1="0" y2={bottom} />
          <text x={tick.x} y={ROW_HEIGHT - 1} text-anchor="middle" style="font-size:10px">
            {tick.label}
          </text>
        </g>
      ))}
      <line class="zero" x1={x(0)} x2={x(0)} y1="0" y2={bottom} />
      {effects.map((effect, block) => (
        <circle key={block} class="effect" cx={x(effect)} cy={middle + 9} r="2.5" />
      ))}
      {Number.isFinite(low) && Number.isFinite(high) && (
        <path
          class="interval"
          d={`M${low} ${middle - 6}V${middle + 2}M${low} ${middle - 2}H${high}M${high} ${middle - 6}V${middle + 2}`}
        />
      )}
      {Number.isFinite(estimate) && <circle class="estimate" cx={x(estimate)} cy={middle - 2} r="4" />}
    </svg>
  )
}
