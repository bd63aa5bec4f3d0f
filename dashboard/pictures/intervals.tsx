/** Intervals of several metrics on one axis, as SVG. */
import { linearScale, round } from './plots'

const WIDTH = 320
const HEIGHT = 46

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
  const scale = linearScale([squeeze(low), squeeze(high)], 8, WIDTH - 8)
  const x = (change: number) => scale(squeeze(change))
  const ticks: { x: number; label: string }[] = []
  // From the middle outwards, skipping ticks without room for a label.
  for (const [change, label] of TICKS) {
    const isShown = change >= low && change <= high
    if (isShown && ticks.every((other) => Math.abs(other.x - x(change)) > 34))
      ticks.push({ x: x(change), label })
  }
  return { x, ticks }
}

/** Changes of one metric, as logarithms of ratios; bounds that are not finite are not drawn. */
export interface Changes {
  estimate: number
  interval: readonly number[]
  margin: readonly number[]
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
  const bottom = HEIGHT - 12
  const middle = bottom / 2
  const [from = NaN, to = NaN] = margin.map(x)
  const [low = NaN, high = NaN] = interval.map(x)
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} style="min-width:240px">
      <rect class="band" x={from} y="2" width={Math.max(1, round(to - from))} height={bottom - 4} />
      {ticks.map((tick) => (
        <g key={tick.label}>
          <line class="axis" x1={tick.x} x2={tick.x} y1="0" y2={bottom} />
          <text x={tick.x} y={HEIGHT - 1} text-anchor="middle" style="font-size:10px">
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
