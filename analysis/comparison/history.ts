/** Compares several builds, run one after the other in blocks: each metric across versions. */
import { defaultGate } from '../gate/criteria'
import { judgeGate, testCriteria, type PartRequest } from '../gate/gate'
import type { Gate } from '../gate/result'
import { FIRST_LOOK } from '../gate/looks'
import { valueAt } from '../metrics-catalog'
import { adjustSecondary, blocksNeeded } from '../statistics/compare'
import { median } from '../statistics/median'
import { ALPHA } from '../statistics/shift'
import { compareMetric, UnlikeRunsError, type ComparisonRequest, type MetricResult } from './comparison'
import { settingOf } from './heading'
import { findDifferences } from './likeness'
import { comparedMetric } from './metric-choice'
import { completeBlocks, isUsable, whyUnusable, type Run } from './run'

/** Bump whenever the meaning of a field changes. */
export const HISTORY_VERSION = 5 as const

export interface HistoryRequest extends Pick<
  ComparisonRequest,
  'id' | 'madeAt' | 'runs' | 'primary' | 'secondary' | 'margin' | 'declared' | 'force' | 'gate'
> {
  /** The builds, oldest first. A run's `variant` is an index into this list. */
  variants: readonly string[]
  /** Why blocks are missing, if it was stopped or ended early. */
  incomplete?: string | null
}

export type MetricHistory = ReturnType<typeof historyOf>
export type History = ReturnType<typeof makeHistory>

/** Takes a usable run. @throws UnlikeRunsError; RangeError for an unknown metric */
export function makeHistory(request: HistoryRequest) {
  const { variants, runs, margin = null } = request
  const used = runs.filter(isUsable)
  const differences = findDifferences(used, 'paired', request.declared)
  if (differences.length > 0 && request.force !== true) throw new UnlikeRunsError(differences)
  const paths = [request.primary, ...request.secondary.filter((path) => path !== request.primary)]
  const { summary } = used[0]!
  const { provenance } = summary
  return {
    version: HISTORY_VERSION,
    id: request.id,
    madeAt: request.madeAt,
    builds: [...variants],
    setting: {
      // Absent: real browsers.
      ...(provenance.engine && { engine: provenance.engine }),
      ...settingOf(summary),
      browser: provenance.runners[0]?.browser ?? 'unknown',
      cpu: `${provenance.runners[0]?.cpuModel ?? 'unknown'}, ${provenance.runners[0]?.cores ?? '?'} cores`
    },
    /** Blocks in which every build ran, at least one of them usably. */
    blocks: countBlocks(request),
    /** Why blocks are missing; null if none are. No build can pass then. */
    incomplete: request.incomplete ?? null,
    blocksForSteps: blocksNeeded(Math.max(1, (variants.length - 1) * paths.length)),
    /** From this number of blocks on, each gate can call a build worse. */
    blocksForGates: blocksForGates(request),
    margin,
    gates: variants.map((_, variant) => (variant === 0 ? null : gateBetween(request, variant - 1, variant))),
    /** Each build judged against the first, as small steps may add up; null for the first two. */
    gatesSinceFirst: variants.map((_, variant) => (variant < 2 ? null : gateBetween(request, 0, variant))),
    /** Primary metric first. */
    metrics: adjustTogether(paths.map((path) => historyOf(path, margin, variants.length, runs))),
    unused: runs
      .filter((run) => !isUsable(run))
      .map((run) => ({ testId: run.testId, build: variants[run.variant]!, reason: whyUnusable(run)! })),
    differences
  }
}

function gateBetween(request: HistoryRequest, from: number, to: number): Gate {
  const { incomplete = null } = request
  const judged = judgeGate({ ...partBetween(request, from, to), share: 1 / gatesOf(request) })
  // A pass was promised for all blocks.
  return incomplete !== null && judged.verdict === 'pass' ? { ...judged, verdict: 'undecided' } : judged
}

const gatesOf = ({ variants }: HistoryRequest) => 2 * variants.length - 3

function partBetween({ runs, gate }: HistoryRequest, from: number, to: number): PartRequest {
  const own = runs
    .filter(({ variant }) => variant === from || variant === to)
    .map((run) => ({ ...run, variant: run.variant === to ? 1 : 0 }))
  return { criteria: gate ?? defaultGate(), runs: own, design: 'paired' }
}

/** Adjusting multiplies the least p by the gates, and by the criteria that differ in any block. */
function blocksForGates(request: HistoryRequest): number {
  const differing = (from: number, to: number) =>
    testCriteria(partBetween(request, from, to)).filter((test) =>
      [test].flat().some(({ leastP }) => leastP < 1)
    ).length
  const most = Math.max(
    ...request.variants.flatMap((_, to) => (to === 0 ? 0 : [differing(to - 1, to), differing(0, to)]))
  )
  let blocks = FIRST_LOOK
  while (gatesOf(request) * most * 0.5 ** blocks > ALPHA) blocks++
  return blocks
}

function historyOf(path: string, margin: number | null, builds: number, runs: readonly Run[]) {
  const between = (from: number, to: number): MetricResult | null => {
    const blocks = completeBlocks(runs, [from, to])
    const [before, after] = [0, 1].map((side) => blocks.map((block) => block[side]!))
    return compareMetric(path, margin, before!, after!, 'paired')
  }
  return {
    entry: comparedMetric(path, margin).entry,
    versions: Array.from({ length: builds }, (_, variant) => {
      const values = completeBlocks(runs, [variant]).flatMap(([run]) => valueAt(run!.summary, path) ?? [])
      return {
        values,
        median: values.length === 0 ? null : median(values),
        sinceFirst: variant === 0 ? null : between(0, variant),
        /** Verdicts are adjusted for all steps of all metrics. */
        step: variant === 0 ? null : between(variant - 1, variant)
      }
    })
  }
}

/** A stop can leave a block in which only some builds ran. */
function countBlocks({ runs, variants }: HistoryRequest): number {
  const hasRun = new Set(runs.map(({ block, variant }) => `${block} ${variant}`))
  const blocks = new Set(runs.filter(isUsable).map(({ block }) => block))
  return [...blocks].filter((block) => variants.every((_, variant) => hasRun.has(`${block} ${variant}`)))
    .length
}

/** All steps of all metrics share a 5% false-alarm rate. */
function adjustTogether(metrics: readonly MetricHistory[]): MetricHistory[] {
  const steps = metrics.flatMap(({ versions }) => versions.flatMap(({ step }) => step ?? []))
  const judged = new Map(adjustSecondary(steps).map((step, index) => [steps[index]!, step]))
  return metrics.map(({ entry, versions }) => ({
    entry,
    versions: versions.map((version) => ({ ...version, step: version.step && judged.get(version.step)! }))
  }))
}
