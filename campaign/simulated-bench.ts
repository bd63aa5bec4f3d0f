/** Runs a campaign's tests in virtual time: no server, no browser, no noise (docs/simulation.md). */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { planOf } from '../simulation/plan'
import { simulateAll } from '../simulation/pool'
import type { Outcome } from '../simulation/simulate'
import { prepare, type Prepared } from '../simulation/prepare'
import type { Plan, PlannedRun } from './plan'
import type { Bench, Execution } from './run'
import { parseVariant, variantOptionsOf, type Variant } from './variant'

export const COUNTED_PRIMARY = 'wire.packetsPerMessage'
export const COUNTED_SECONDARY: readonly string[] = [
  'delivery.position',
  'duplicateRatio.all',
  'wire.bytesPerPeerSecond'
]

export interface PreparedVariant extends Variant {
  prepared: Prepared
}

/** What differs from the plan's setting. */
interface Size {
  peers: number
  duration: number
  warmup: number
  isDeduplicated: boolean
}

/** Installs and bundles each build once. Throws UserError if one is not available. */
export async function prepareVariants(plan: Plan, progress: Progress): Promise<PreparedVariant[]> {
  const builds = new Map<string, Prepared>()
  const variants: PreparedVariant[] = []
  for (const text of plan.variants) {
    const variant = parseVariant(text, plan.common)
    const prepared =
      builds.get(variant.library) ??
      (await prepare(variant.library, (line) => {
        progress.note(line)
      }))
    builds.set(variant.library, prepared)
    variants.push({ ...variant, prepared })
  }
  return variants
}

export async function openSimulatedBench(plan: Plan, folder: string, progress: Progress): Promise<Bench> {
  if (plan.common.signalling === 'delayed')
    throw new UserError('--signalling delayed is not simulated: leave it out, or use --engine browser')
  const variants = await progress.step('Preparing the builds', () => prepareVariants(plan, progress))
  return {
    execute: (runs, signal) =>
      progress.step('Simulating', async () => {
        const outcomes = await simulate(
          plan,
          { ...plan.setting, isDeduplicated: false },
          variants,
          runs,
          signal
        )
        const tests = join(folder, 'tests')
        await mkdir(tests, { recursive: true })
        return Promise.all(
          outcomes.map(async (outcome) => {
            const { document } = outcome
            await writeFile(join(tests, `${document.id}.json`), JSON.stringify(document))
            return executionOf(outcome)
          })
        )
      }),
    close: () => Promise.resolve()
  }
}

/** Simulates meshes of another size than the plan's, and keeps only their figures. */
export async function simulateRuns(
  plan: Plan,
  size: Size,
  variants: readonly PreparedVariant[],
  runs: readonly Pick<PlannedRun, 'block' | 'variant' | 'seed'>[],
  signal: AbortSignal
): Promise<Execution[]> {
  return (await simulate(plan, size, variants, runs, signal)).map(executionOf)
}

function simulate(
  plan: Plan,
  { peers, duration, warmup, isDeduplicated }: Size,
  variants: readonly PreparedVariant[],
  runs: readonly Pick<PlannedRun, 'block' | 'variant' | 'seed'>[],
  signal: AbortSignal
): Promise<Outcome[]> {
  const jobs = runs.map(({ block, variant: index, seed }) => {
    const { prepared, peerConfig, text, ...variant } = variants[index]!
    return {
      lighthouse: prepared.lighthouse,
      plan: planOf({
        ...plan.common,
        ...variantOptionsOf({ ...variant, peerConfig, text }),
        ...(isDeduplicated && { messageTypes: 'deduplicated' }),
        id: `${plan.id.slice(0, 40)}-${peers}-${block + 1}${String.fromCharCode(97 + index)}`,
        peers,
        peersPerPage: Math.min(peers, plan.setting.peersPerTab),
        duration,
        warmup,
        routine: plan.setting.routine,
        seed,
        builds: prepared.builds,
        ...(Object.keys(peerConfig).length > 0 && { peerConfig }),
        labels: { comparison: plan.id, block: String(block + 1), build: text }
      })
    }
  })
  return simulateAll(jobs, { signal })
}

function executionOf({ document, failures }: Outcome): Execution {
  return { testId: document.id, summary: document.summary!, failures }
}
