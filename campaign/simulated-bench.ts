/** Runs a campaign's tests in virtual time: no server, no browser, no noise (docs/simulation.md). */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../cli/progress'
import { planOf } from '../simulation/plan'
import { simulateAll, type Job } from '../simulation/pool'
import { prepare, type Prepared } from '../simulation/prepare'
import type { Plan, PlannedRun } from './plan'
import type { Bench, Execution } from './run'
import { parseVariant, variantOptionsOf, type Variant } from './variant'

/**
 * The gate's criteria that can be counted. A simulation does not measure CPU, and its only latency is that of
 * its links.
 */
export const COUNTED_GATE = 'only,stability,delivery,traffic'
export const COUNTED_PRIMARY = 'wire.packetsPerMessage'
export const COUNTED_SECONDARY: readonly string[] = [
  'delivery.position',
  'duplicateRatio.all',
  'wire.bytesPerPeerSecond'
]

/** Installs and bundles each build. Throws UserError if one is not available. */
export async function openSimulatedBench(plan: Plan, folder: string, progress: Progress): Promise<Bench> {
  const variants = plan.variants.map((text) => parseVariant(text, plan.common))
  const prepared = await progress.step('Preparing the builds', async () => {
    const builds = new Map<string, Prepared>()
    for (const { library } of variants) {
      if (!builds.has(library)) builds.set(library, await prepare(library, note))
    }
    return builds
  })
  function note(line: string): void {
    progress.note(line)
  }
  return {
    execute: (runs, signal) =>
      progress.step('Simulating', async () => {
        const jobs = runs.map((run) => {
          const variant = variants[run.variant]!
          return jobOf(plan, variant, run, prepared.get(variant.library)!)
        })
        const outcomes = await simulateAll(jobs, { signal })
        const tests = join(folder, 'tests')
        await mkdir(tests, { recursive: true })
        return Promise.all(
          outcomes.map(async ({ document, failures }): Promise<Execution> => {
            await writeFile(join(tests, `${document.id}.json`), JSON.stringify(document))
            return { testId: document.id, summary: document.summary!, failures }
          })
        )
      }),
    close: () => Promise.resolve()
  }
}

function jobOf(
  plan: Plan,
  variant: Variant,
  { block, variant: index, seed }: PlannedRun,
  prepared: Prepared
): Job {
  const { peers, peersPerTab, duration, warmup, routine } = plan.setting
  return {
    lighthouse: prepared.lighthouse,
    plan: planOf({
      ...plan.common,
      ...variantOptionsOf(variant),
      id: `${plan.id.slice(0, 50)}-${block + 1}${String.fromCharCode(97 + index)}`,
      peers,
      peersPerPage: peersPerTab,
      duration,
      warmup,
      routine,
      seed,
      builds: prepared.builds,
      ...(Object.keys(variant.peerConfig).length > 0 && { peerConfig: variant.peerConfig }),
      labels: { comparison: plan.id, block: String(block + 1), build: variant.text }
    })
  }
}
