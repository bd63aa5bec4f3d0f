/** Several builds, run in blocks, one after the other: each metric over the versions. */
import type { MetricEntry } from '../metrics-catalog'
import { adjustSecondary, blocksNeeded } from '../statistics'
import { compareMetric, NothingToCompareError, UnlikeRunsError, type MetricResult } from './comparison'
import { findDifferences, type Difference } from './likeness'
import { comparedMetric } from './metrics'
import { completeBlocks, isUsable, whyUnusable, type Run } from './run'
import { valueAt } from '../metrics-catalog'

/** Raised whenever a field changes its meaning. */
export const HISTORY_VERSION = 1

export interface HistoryRequest {
  id: string
  /** ms since 1970. */
  madeAt: number
  /** The builds, the oldest first; `variant` of a run is an index of them. */
  variants: readonly string[]
  runs: readonly Run[]
  primary: string
  secondary: readonly string[]
  margin: number
  declared?: readonly string[]
  force?: boolean
}

export interface VersionOfMetric {
  /** One value a usable run. */
  values: number[]
  /** Of these; null where none is known. */
  median: number | null
  /** Against the first build; null for itself, and where no block has both. */
  sinceFirst: MetricResult | null
  /** Against the build before; verdicts are adjusted for the number of steps. */
  step: MetricResult | null
}

export interface MetricHistory {
  entry: MetricEntry
  /** In the order of the builds. */
  versions: VersionOfMetric[]
}

export interface History {
  version: typeof HISTORY_VERSION
  id: string
  madeAt: number
  builds: string[]
  setting: { peers: number; seconds: number; warmup: number; routine: string; browser: string; cpu: string }
  /** Blocks in which any two builds can be compared. */
  blocks: number
  /** Blocks with which a step could be found better or worse. */
  blocksForSteps: number
  margin: number
  /** The primary metric first. */
  metrics: MetricHistory[]
  /** Why runs are not compared. */
  unused: { testId: string; build: string; reason: string }[]
  differences: Difference[]
}

/** @throws UnlikeRunsError, NothingToCompareError; RangeError for a metric or margin that is none */
export function makeHistory(request: HistoryRequest): History {
  const { variants, runs, margin } = request
  const used = runs.filter(isUsable)
  const first = used[0]
  if (!first)
    throw new NothingToCompareError('There is no usable run; void and failed ones are never compared')
  const differences = findDifferences(used, 'paired', request.declared)
  if (differences.length > 0 && request.force !== true) throw new UnlikeRunsError(differences)
  const paths = [request.primary, ...request.secondary.filter((path) => path !== request.primary)]
  const { provenance, peers, measured } = first.summary
  return {
    version: HISTORY_VERSION,
    id: request.id,
    madeAt: request.madeAt,
    builds: [...variants],
    setting: {
      peers: peers.expected ?? peers.reporting,
      seconds: Math.round(measured.seconds + provenance.warmup),
      warmup: provenance.warmup,
      routine: provenance.routines.join(' + '),
      browser: provenance.runners[0]?.browser ?? 'unknown',
      cpu: `${provenance.runners[0]?.cpuModel ?? 'unknown'}, ${provenance.runners[0]?.cores ?? '?'} cores`
    },
    blocks: new Set(used.map(({ block }) => block)).size,
    blocksForSteps: blocksNeeded(Math.max(1, variants.length - 1)),
    margin,
    metrics: paths.map((path) => historyOf(path, margin, variants.length, runs)),
    unused: runs.flatMap((run) => {
      const reason = whyUnusable(run)
      return reason === null ? [] : [{ testId: run.testId, build: variants[run.variant]!, reason }]
    }),
    differences
  }
}

function historyOf(path: string, margin: number, builds: number, runs: readonly Run[]): MetricHistory {
  const between = (from: number, to: number): MetricResult | null => {
    const blocks = completeBlocks(runs, [from, to])
    const [before, after] = [0, 1].map((side) => blocks.map((block) => block[side]!))
    return compareMetric(path, margin, before!, after!, true) ?? null
  }
  const all = Array.from({ length: builds }, (_, variant) => variant)
  const steps = adjusted(all.map((variant) => (variant === 0 ? null : between(variant - 1, variant))))
  return {
    entry: comparedMetric(path, margin).entry,
    versions: all.map((variant) => {
      const values = runs
        .filter((run) => run.variant === variant)
        .filter(isUsable)
        .flatMap(({ summary }) => valueAt(summary, path) ?? [])
      return {
        values,
        median: median(values),
        sinceFirst: variant === 0 ? null : between(0, variant),
        step: steps[variant]!
      }
    })
  }
}

/** All steps of a metric share 5 % of false alarms. */
function adjusted(steps: readonly (MetricResult | null)[]): (MetricResult | null)[] {
  const known = steps.filter((step) => step !== null)
  const judged = adjustSecondary(known)
  return steps.map((step) => step && { ...step, ...judged[known.indexOf(step)]! })
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper]! : (sorted[upper - 1]! + sorted[upper]!) / 2
}
