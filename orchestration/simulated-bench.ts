/** Runs a campaign's tests in virtual time: no server, no browser, no noise (docs/simulation.md). */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { median } from '../analysis/statistics/median'
import type { ChosenLibrary } from '../libraries/library'
import { refuseUnknownOptions } from '../libraries/library-options'
import type { Progress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { planOf } from '../simulation/plan'
import { Pool, simulateAll, type PoolOptions } from '../simulation/pool'
import type { Outcome } from '../simulation/simulate'
import { prepare } from '../simulation/prepare'
import { parseFault } from '../simulation/fault-text'
import { schedule, type Plan, type PlannedRun, type Setting } from './plan'
import type { Bench, Execution } from './campaign'
import { textsOf, type Variant } from './variant'
import { replaceFile } from './whole-file'

export const COUNTED_PRIMARY = 'wire.packetsPerMessage'
export const COUNTED_SECONDARY: readonly string[] = [
  'delivery.position',
  'duplicateRatio.all',
  'wire.bytesPerPeerSecond'
]

/** What differs from the plan's setting. */
type Size = Pick<Setting, 'peers' | 'duration' | 'warmup' | 'faults'> & { isDeduplicated: boolean }

type BuildChoice = Pick<Plan, 'variants' | 'allowUnknownOptions'>

/** Each variant with its build, prepared once for all that use it. Throws UserError if it lacks an option. */
export async function withBuilds<Build extends Pick<ChosenLibrary, 'options'>>(
  { variants, allowUnknownOptions = false }: BuildChoice,
  prepareBuild: (library: string) => Promise<Build>
): Promise<(Variant & Build)[]> {
  const builds = new Map<string, Build>()
  const found: (Variant & Build)[] = []
  for (const variant of variants) {
    const build = builds.get(variant.library) ?? (await prepareBuild(variant.library))
    builds.set(variant.library, build)
    if (!allowUnknownOptions) refuseUnknownOptions(variant.text, variant.behaviour.peerConfig, build.options)
    found.push({ ...variant, ...build })
  }
  return found
}

/** Throws UserError if a build is not available, or lacks an option. */
export function prepareVariants(choice: BuildChoice, progress: Pick<Progress, 'note'>) {
  return withBuilds(choice, async (library) => {
    const prepared = await prepare(library, (line) => progress.note(line))
    return { prepared, options: prepared[0].options }
  })
}

export type PreparedVariant = Awaited<ReturnType<typeof prepareVariants>>[number]

export const integritiesOf = (variants: readonly PreparedVariant[]) =>
  variants.map(({ prepared }) => prepared[0].integrity)

export async function openSimulatedBench(plan: Plan, folder: string, progress: Progress): Promise<Bench> {
  const variants = await progress.step('Preparing the builds', () => prepareVariants(plan, progress))
  const tests = join(folder, 'tests')
  await mkdir(tests, { recursive: true })
  const pool = new Pool()
  const ahead = new Map<string, Promise<Execution>>()
  const costs: Cost[] = []
  return {
    builds: integritiesOf(variants),
    execute: (runs, signal) =>
      progress.step('Simulating', () => {
        if (ahead.size === 0) {
          signal.addEventListener('abort', () => pool.close(), { once: true })
          simulateFrom(runs[0]!)
        }
        return Promise.all(runs.map((run) => ahead.get(keyOf(run))!))
      }),
    close: () => {
      pool.close()
      for (const line of cpuSentences(costs, textsOf(variants))) progress.note(line)
      return Promise.resolve()
    }
  }

  /**
   * Simulates this run and all that follow it over all cores: none depends on another. The campaign takes
   * them one by one, and may end before the last. A repeated run would have the same result.
   */
  function simulateFrom(first: PlannedRun): void {
    const all = schedule(plan)
    for (const run of all.slice(all.findIndex((each) => keyOf(each) === keyOf(first)))) {
      const execution = simulateOne(run)
      execution.catch(() => undefined)
      ahead.set(keyOf(run), execution)
    }
  }

  async function simulateOne(run: PlannedRun): Promise<Execution> {
    const size = { ...plan.setting, isDeduplicated: false }
    const [outcome] = await simulate(plan, size, variants, [run], { pool })
    const { document, packetLog, cpuMs, failures } = outcome!
    costs.push({ ...run, packetLog, cpuMs, failures })
    await replaceFile(join(tests, `${document.id}.json`), JSON.stringify(document))
    return executionOf(outcome!)
  }
}

const keyOf = ({ block, variant }: PlannedRun) => `${block} ${variant}`

type Cost = Pick<Outcome, 'packetLog' | 'cpuMs' | 'failures'> & Pick<PlannedRun, 'block' | 'variant'>

/**
 * One line for each variant that ran on a seed of the first. Between builds that exchange the same packets,
 * the ratio of their CPU time tells what the libraries cost, nearly without noise.
 */
export function cpuSentences(all: readonly Cost[], variants: readonly string[]): string[] {
  const costs = all.filter(({ failures }) => failures.length === 0)
  return variants.slice(1).flatMap((name, index) => {
    const pairs = costs.flatMap((cost) => {
      const base = costs.find(({ variant, block }) => variant === 0 && block === cost.block)
      return base && cost.variant === index + 1 ? [{ base, cost }] : []
    })
    const ratios = pairs
      .filter(({ base, cost }) => base.packetLog === cost.packetLog)
      .map(({ base, cost }) => cost.cpuMs / base.cpuMs)
    if (pairs.length === 0) return []
    if (ratios.length === 0)
      return `CPU of ${name}: not compared, because in none of ${pairs.length} pairs both builds sent the same packets`
    const [middle, least, most] = [median(ratios), Math.min(...ratios), Math.max(...ratios)].map((each) =>
      each.toFixed(2)
    )
    return `CPU of ${name} against ${variants[0]!} at equal packets: × ${middle} (median of ${ratios.length} pairs, ${least} to ${most})`
  })
}

export function simulate(
  plan: Plan,
  { peers, duration, warmup, isDeduplicated, faults = [] }: Size,
  variants: readonly PreparedVariant[],
  runs: readonly Pick<PlannedRun, 'block' | 'variant' | 'seed'>[],
  options: PoolOptions
): Promise<Outcome[]> {
  const { peersPerTab } = plan.setting
  const plans = runs.map(({ block, variant: index, seed }) => {
    const { prepared, behaviour, text } = variants[index]!
    return planOf({
      ...behaviour,
      ...(isDeduplicated && { messageTypes: 'deduplicated' }),
      id: `${plan.id.slice(0, 40)}-${peers}-${block + 1}${String.fromCharCode(97 + index)}`,
      peers,
      // All in one page stays all in one page, which is also cheaper: each page warms up its own code.
      peersPerPage: peersPerTab >= plan.setting.peers ? peers : Math.min(peers, peersPerTab),
      faults: faults.map(parseFault),
      duration,
      warmup,
      routine: plan.setting.routine,
      seed,
      builds: prepared,
      labels: { comparison: plan.id, block: String(block + 1), build: text }
    })
  })
  return simulateAll(plans, options)
}

/** Rejects if the run says nothing about the build. */
export function executionOf({ document, failures, refusal }: Outcome): Promise<Execution> {
  return refusal === undefined
    ? Promise.resolve({ testId: document.id, summary: document.summary!, failures })
    : Promise.reject(new UserError(refusal))
}
