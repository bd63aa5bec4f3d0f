/**
 * Both builds in virtual time, before the blocks: many short joins of 8 peers, and a few meshes of 30. They
 * count what the blocks count too, on more seeds and in a mesh where messages take two relays.
 */
import type { Run } from '../analysis/comparison/run'
import { completeBlocks, whyUnusable } from '../analysis/comparison/run'
import { counted } from '../analysis/format'
import { judgeSimulated, SIMULATED_SIZES, type SimulatedSize } from '../analysis/gate/simulated'
import { seededRandom } from '../analysis/statistics/random'
import type { Progress } from '../cli/progress'
import { LostProcessError, Pool } from '../simulation/pool'
import { simulatedPart } from './judging'
import { refuseChangedBuilds, type Plan } from './plan'
import type { SimulatedRuns } from './store'
import { executionOf, integritiesOf, prepareVariants, simulate } from './simulated-bench'

/** Virtual time has neither CPU nor a network of its own. */
const NOT_COUNTED: readonly string[] = ['latency', 'cpu']

/** Empty if the gate has nothing that virtual time can count. */
export async function simulateFirst(
  plan: Plan,
  progress: Progress,
  signal: AbortSignal,
  /** Only a test has others. */
  meshes = SIMULATED_SIZES
): Promise<SimulatedRuns[]> {
  const { criteria } = plan
  if (criteria.every(({ name }) => NOT_COUNTED.includes(name))) return []
  const variants = await progress.step('Preparing the builds for virtual time', () =>
    prepareVariants(plan, progress)
  )
  refuseChangedBuilds(plan, integritiesOf(variants))
  const pool = new Pool()
  // Large meshes first: small ones fill the last gaps between them.
  const sizes = [...meshes].sort((a, b) => b.peers - a.peers)
  const parts: Promise<SimulatedRuns>[] = []
  try {
    const peers = meshes.map((size) => size.peers).join(' and ')
    const most = meshes.reduce((sum, { looks }) => sum + looks.at(-1)!.blocks * variants.length, 0)
    return await progress.step(`Simulating both builds with ${peers} peers`, async (update) => {
      let done = 0
      const count = () => update(`${counted(++done, 'run')}, at most ${most}`)
      for (const size of sizes) parts.push(simulateSize(size, count))
      return (await Promise.all(parts)).reverse()
    })
  } finally {
    pool.close()
  }

  /**
   * As many seeds as it takes, unless the first ones are enough. A build that cannot be simulated is no
   * reason to end a comparison in browsers.
   */
  async function simulateSize(size: SimulatedSize, done: () => void): Promise<SimulatedRuns> {
    const random = seededRandom(plan.seed ^ size.peers)
    const runs: Run[] = []
    const { peers } = size
    const refuse = (why: string): SimulatedRuns => ({ peers, runs: [], refused: why.split('\n')[0]! })
    for (const { blocks } of size.looks) {
      const begun = runs.length / variants.length
      const seeds = Array.from({ length: blocks - begun }, () => Math.floor(random.uniform() * 2 ** 32))
      const planned = seeds.flatMap((seed, index) =>
        variants.map((_, variant) => ({ block: begun + index, variant, seed }))
      )
      try {
        const made: Run[] = []
        await simulate(plan, size, variants, planned, {
          ...{ pool, signal },
          // Rejects at the first refused run: the others need no more time.
          done: async (index, outcome) => {
            const { block, variant } = planned[index]!
            made[index] = { ...(await executionOf(outcome)), block, variant, attempt: 1 }
            done()
          }
        })
        runs.push(...made)
      } catch (error) {
        const isLost = signal.aborted || error instanceof LostProcessError
        if (isLost || plan.setting.engine === 'simulation') throw error
        return refuse((error as Error).message)
      }
      const baseline = runs.filter(({ variant }) => variant === 0)
      if (completeBlocks(baseline, [0]).length === 0)
        return refuse(`the baseline: ${whyUnusable(baseline[0]!)!}`)
      const { verdict, isFirm } = judgeSimulated(size, runs, criteria)
      if ((verdict !== 'undecided' && isFirm) || (await isWorseBelow(size))) break
    }
    return { peers, runs, refused: null }
  }

  /** Whoever is worse with few peers needs no more of the expensive meshes. */
  async function isWorseBelow({ peers }: SimulatedSize): Promise<boolean> {
    const smaller = await Promise.all(parts.filter((_, index) => sizes[index]!.peers < peers))
    return smaller.some((own) => simulatedPart(own, criteria, meshes).verdict === 'worse')
  }
}
