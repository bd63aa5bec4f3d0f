/**
 * Predicts how many blocks and minutes a comparison will take, from the spreads of earlier comparisons on
 * this machine.
 */
import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { COMPARISON_VERSION, type Comparison } from '../analysis/comparison/comparison'
import type { Criterion } from '../analysis/gate/criteria'
import { isShownAbove } from '../analysis/statistics/sequential'
import { seededRandom } from '../analysis/statistics/random'
import { arrangementOf, criteriaOf, looksOf } from './judging'
import type { Plan } from './plan'
import { minutes, OVERHEAD_SECONDS } from './time-left'

/** Standard deviations of the blocks' changes, by metric name: the median over earlier comparisons. */
export interface KnownSpreads {
  comparisons: number
  spreads: ReadonlyMap<string, number>
}

const TRIALS = 200

/** One sentence, or null if there is nothing to predict. */
export async function forecast(plan: Plan, comparisonsFolder: string): Promise<string | null> {
  if (plan.command !== 'compare') return null
  const known = spreadsOf(plan, await storedComparisons(comparisonsFolder))
  if (known.comparisons === 0)
    return `Forecast: none, because no comparison of ${plan.setting.peers} peers in this design is stored on this machine yet`
  const blocks = predictedBlocks(plan, criteriaOf(plan), known.spreads)
  const from = `from ${known.comparisons} stored ${known.comparisons === 1 ? 'comparison' : 'comparisons'} of this machine`
  const limit = plan.isSequential ? `of at most ${plan.blocks}` : `of the ${plan.blocks} planned`
  if (blocks === null)
    return `Forecast ${from}: an unchanged build will probably still be undecided after ${plan.blocks} blocks`
  const time = minutes(secondsOf(plan, plan.isSequential ? blocks : plan.blocks))
  return `Forecast ${from}: an unchanged build passes within ${blocks} blocks ${limit} in 4 cases of 5; ${time}`
}

function secondsOf({ setting }: Plan, blocks: number): number {
  const each = setting.duration + OVERHEAD_SECONDS
  const atOnce = setting.sideBySide === true
  return each * (blocks * (atOnce ? 1 : 2) + (atOnce ? 2 * (setting.soloBlocks ?? 0) : 0))
}

/** Uses comparisons with the same number of peers, design and processor: these affect the spread most. */
export function spreadsOf(plan: Plan, stored: readonly Comparison[], cpu = cpus()[0]?.model): KnownSpreads {
  const { kind } = arrangementOf(plan)
  const alike = stored.filter(
    ({ setting, arrangement, baseline }) =>
      setting.peers === plan.setting.peers &&
      arrangement.kind === kind &&
      baseline.provenance.runners.every(({ cpuModel }) => cpuModel === cpu)
  )
  const found = new Map<string, number[]>()
  for (const { gate } of alike) {
    for (const { metric, spread } of gate.criteria.flatMap(({ components }) => components))
      if (spread !== null) found.set(metric, [...(found.get(metric) ?? []), spread])
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
  return {
    comparisons: alike.length,
    spreads: new Map([...found].map(([metric, values]) => [metric, median(values)]))
  }
}

/** Blocks within which four out of five simulated comparisons of equal builds pass; null if fewer do. */
export function predictedBlocks(
  plan: Pick<Plan, 'blocks' | 'isSequential' | 'stages'>,
  criteria: readonly Criterion[],
  spreads: ReadonlyMap<string, number>
): number | null {
  const random = seededRandom(1)
  const looks = plan.isSequential ? looksOf(plan) : [{ blocks: plan.blocks, spent: 1 }]
  const components = criteria.flatMap((criterion) => criterion.components)
  const needed = Array.from({ length: TRIALS }, () => {
    const rooms = components.map(({ metric }) => {
      const margin = metric.scale === 'ratio' ? Math.log1p(metric.margin) : metric.margin
      const spread = spreads.get(metric.name) ?? 0
      return Array.from({ length: plan.blocks }, () => margin - spread * random.normal())
    })
    const passed = looks.findIndex((_, index) => {
      const due = looks.slice(0, index + 1).map(({ blocks, spent }) => ({ count: blocks, spent }))
      return rooms.every((room) => isShownAbove(room, due, 0.05))
    })
    return passed < 0 ? Infinity : looks[passed]!.blocks
  }).sort((a, b) => a - b)
  const blocks = needed[Math.ceil(0.8 * TRIALS) - 1]!
  return Number.isFinite(blocks) ? blocks : null
}

async function storedComparisons(folder: string): Promise<Comparison[]> {
  const ids = await readdir(folder).catch(() => [])
  const read = ids.map(async (id): Promise<Comparison[]> => {
    try {
      const text = await readFile(join(folder, id, 'comparison.json'), 'utf8')
      const comparison = JSON.parse(text) as Partial<Comparison>
      return comparison.version === COMPARISON_VERSION ? [comparison as Comparison] : []
    } catch {
      // An unfinished comparison has none.
      return []
    }
  })
  return (await Promise.all(read)).flat()
}
