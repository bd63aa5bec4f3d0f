/** Measures with solo runs how much two builds slow each other down when they run at the same time. */
import { valueAt } from '../metrics-catalog'
import { isUsable, type Run, type UsableRun } from './run'

/** A build's timed metric side by side ÷ alone: the geometric mean over the blocks that have both. */
export interface Interference {
  build: 'baseline' | 'candidate'
  metric: string
  ratio: number
  blocks: number
}

const MEASURED = ['latency.position.p95', 'machine.cpuMsPerPeerSecond']

/** Null if there are no solo runs. */
export function interferenceOf(runs: readonly Run[]): Interference[] | null {
  const usable = runs.filter(isUsable)
  if (!usable.some(({ solo }) => solo === true)) return null
  return ([0, 1] as const).flatMap((variant) =>
    MEASURED.flatMap((metric): Interference[] => {
      const ratios = usable
        .filter((run) => run.solo === true && run.variant === variant)
        .flatMap((alone) => ratioTo(alone, usable, metric) ?? [])
      if (ratios.length === 0) return []
      const mean = ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length
      return [
        {
          build: variant === 0 ? 'baseline' : 'candidate',
          metric,
          ratio: Math.exp(mean),
          blocks: ratios.length
        }
      ]
    })
  )
}

function ratioTo(alone: UsableRun, runs: readonly UsableRun[], metric: string): number | null {
  const beside = runs
    .filter(({ solo, block, variant }) => solo !== true && block === alone.block && variant === alone.variant)
    .at(-1)
  const [together, single] = [beside && valueAt(beside.summary, metric), valueAt(alone.summary, metric)]
  return together && single ? together / single : null
}
