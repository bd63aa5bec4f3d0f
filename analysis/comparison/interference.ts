/** Measures with solo runs how much two builds slow each other down when they run at the same time. */
import { sum } from '../distribution'
import { valueAt } from '../metrics-catalog'
import { isUsable, type Run, type UsableRun } from './run'

const MEASURED = ['latency.position.p95', 'machine.cpuMsPerPeerSecond']
const BUILDS = ['baseline', 'candidate'] as const

/** A build's timed metrics side by side ÷ alone: geometric means. Null if there are no solo runs. */
export function interferenceOf(runs: readonly Run[]) {
  const usable = runs.filter(isUsable)
  const solo = usable.filter((run) => run.solo === true)
  if (solo.length === 0) return null
  return BUILDS.flatMap((build, variant) =>
    MEASURED.flatMap((metric) => {
      const own = solo.filter((run) => run.variant === variant)
      const ratios = own.flatMap((alone) => ratioTo(alone, usable, metric) ?? [])
      if (ratios.length === 0) return []
      const mean = sum(ratios.map(Math.log)) / ratios.length
      return [{ build, metric, ratio: Math.exp(mean), blocks: ratios.length }]
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
