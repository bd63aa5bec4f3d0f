/** A comparison of two sets of runs: the document that tables, pages and programs read. */
import type { Summary } from '../../protocol/summary'
import { valueAt, type MetricEntry } from '../metrics-catalog'
import {
  adjustSecondary,
  blocksNeeded,
  comparePaired,
  compareUnpaired,
  type MetricComparison
} from '../statistics'
import { findDifferences, describeDifference, type Difference } from './likeness'
import { meshLikeness, type MeshLikeness } from './meshes'
import { comparedMetric } from './metrics'
import { completeBlocks, isUsable, whyUnusable, type Run, type UsableRun } from './run'
import { spreadOf, type Spread } from './spread'

/** Shown for every run, because no latency is known better. */
export const CLOCK_ERROR = 'latencyClockError'

/** Raised whenever a field changes its meaning. */
export const COMPARISON_VERSION = 1

export interface ComparisonRequest {
  id: string
  /** ms since 1970. */
  madeAt: number
  design: 'paired' | 'unpaired'
  baseline: string
  candidate: string
  /** Variant 0 is the baseline, 1 the candidate. */
  runs: readonly Run[]
  /** Path of the one metric that is tested at 5 % on its own. */
  primary: string
  /** Paths of the metrics that share another 5 %. */
  secondary: readonly string[]
  /** Largest ratio that does not matter: 0.03 is 3 %. */
  margin: number
  /** Facts of likeness.ts that differ on purpose, such as "message types". */
  declared?: readonly string[]
  /** Compare runs even if they are unlike. */
  force?: boolean
  /** Blocks that were asked for. */
  plannedBlocks?: number
}

export interface MetricResult extends MetricComparison {
  entry: MetricEntry
  /** One value a run; if paired, those of one index share a block. */
  values: { baseline: number[]; candidate: number[] }
  spreads: Spread
}

export interface ComparedRun {
  testId: string
  build: 'baseline' | 'candidate'
  block: number | null
  attempt: number
  seed: number | null
  verdict: 'valid' | 'void' | 'failed'
  /** Whether its figures are among those compared. */
  used: boolean
  /** Why it is not. */
  remark: string | null
  /** By path of the metric. */
  values: Record<string, number | null>
  edges: [number, number][]
}

export interface Side {
  name: string
  provenance: Summary['provenance']
}

export interface Comparison {
  version: typeof COMPARISON_VERSION
  id: string
  madeAt: number
  design: 'paired' | 'unpaired'
  baseline: Side
  candidate: Side
  setting: { peers: number; seconds: number; warmup: number; routine: string }
  /** Complete blocks, or null if unpaired. */
  blocks: number | null
  plannedBlocks: number | null
  margin: number
  primary: MetricResult
  /** Judged together, by Holm. Those of which a value is missing everywhere are in `unknown`. */
  secondary: MetricResult[]
  /** Blocks with which the secondary metrics could be found better or worse. */
  blocksForSecondary: number
  unknown: string[]
  meshes: MeshLikeness
  /** In what runs differ that should be alike: `force` was given. */
  differences: Difference[]
  runs: ComparedRun[]
}

/** The runs differ in more than what is compared. The message has a line for each fact. */
export class UnlikeRunsError extends Error {
  override readonly name = 'UnlikeRunsError'
  constructor(readonly differences: readonly Difference[]) {
    super(
      `These runs are unlike, so that a difference would say nothing about the builds:\n${differences
        .map((difference) => `  ${describeDifference(difference)}`)
        .join('\n')}\nRun both anew, or compare them all the same with --force`
    )
  }
}

/** Void or failed runs are all there is, or the primary metric is nowhere known. */
export class NothingToCompareError extends Error {
  override readonly name = 'NothingToCompareError'
}

/**
 * Compares the usable runs; void and failed ones are listed and left out, and so are blocks that lack one.
 * @throws UnlikeRunsError, NothingToCompareError; RangeError for a metric or margin that is none
 */
export function compare(request: ComparisonRequest): Comparison {
  const { design, margin } = request
  const pairs = design === 'paired' ? completeBlocks(request.runs, [0, 1]) : undefined
  const used = pairs?.flat() ?? request.runs.filter(isUsable)
  const sides = [0, 1].map((variant) => used.filter((run) => run.variant === variant))
  const [baseline, candidate] = sides as [UsableRun[], UsableRun[]]
  if (baseline.length === 0 || candidate.length === 0) throw nothingToCompare(request)

  const differences = findDifferences(used, design, request.declared)
  if (differences.length > 0 && request.force !== true) throw new UnlikeRunsError(differences)

  const result = (path: string) => compareMetric(path, margin, baseline, candidate, pairs !== undefined)
  const primary = result(request.primary)
  if (!primary) throw new NothingToCompareError(`No run knows ${request.primary}: choose another --metric`)
  const others = request.secondary.filter((path) => path !== request.primary)
  const known = others.flatMap((path) => result(path) ?? [])
  const { provenance, peers, measured } = baseline[0]!.summary
  return {
    version: COMPARISON_VERSION,
    id: request.id,
    madeAt: request.madeAt,
    design,
    baseline: { name: request.baseline, provenance },
    candidate: { name: request.candidate, provenance: candidate[0]!.summary.provenance },
    setting: {
      peers: peers.expected ?? peers.reporting,
      seconds: Math.round(measured.seconds + provenance.warmup),
      warmup: provenance.warmup,
      routine: provenance.routines.join(' + ')
    },
    blocks: pairs?.length ?? null,
    plannedBlocks: request.plannedBlocks ?? null,
    margin,
    primary,
    secondary: adjustTogether(known),
    blocksForSecondary: blocksNeeded(Math.max(1, known.length)),
    unknown: others.filter((path) => known.every(({ entry }) => entry.path !== path)),
    meshes: meshLikeness(used),
    differences,
    runs: request.runs.map((run) => describeRun(run, used, [request.primary, ...others, CLOCK_ERROR]))
  }
}

/** 0, or 2 where the primary metric is worse. */
export function exitCodeOfComparison({ primary }: Comparison): 0 | 2 {
  return primary.verdict === 'worse' ? 2 : 0
}

/** One metric of two builds; undefined where no run (or no complete block) knows it. If `paired`, runs of one index share a block. */
export function compareMetric(
  path: string,
  margin: number,
  baseline: readonly UsableRun[],
  candidate: readonly UsableRun[],
  paired: boolean
): MetricResult | undefined {
  const { entry, ...metric } = comparedMetric(path, margin)
  const values = knownValues(path, baseline, candidate, paired)
  if (values.baseline.length === 0 || values.candidate.length === 0) return undefined
  const comparison = (paired ? comparePaired : compareUnpaired)(metric, values.baseline, values.candidate)
  return {
    ...comparison,
    entry,
    values,
    spreads: spreadOf(metric, values.baseline, values.candidate, paired)
  }
}

/** Where a run does not know the metric, it is left out, if paired with its block. */
function knownValues(
  path: string,
  baseline: readonly UsableRun[],
  candidate: readonly UsableRun[],
  paired: boolean
): { baseline: number[]; candidate: number[] } {
  const [from, to] = [baseline, candidate].map((runs) => runs.map(({ summary }) => valueAt(summary, path)))
  const keep = (own: (number | null)[], other: (number | null)[]) =>
    own.flatMap((value, index) => (value === null || (paired && other[index] === null) ? [] : [value]))
  return { baseline: keep(from!, to!), candidate: keep(to!, from!) }
}

function adjustTogether(results: readonly MetricResult[]): MetricResult[] {
  return adjustSecondary(results).map((adjusted, index) => ({ ...results[index]!, ...adjusted }))
}

function describeRun(run: Run, used: readonly Run[], paths: readonly string[]): ComparedRun {
  const { testId, summary, block, attempt } = run
  const isUsed = used.includes(run)
  return {
    testId,
    build: run.variant === 0 ? 'baseline' : 'candidate',
    block,
    attempt,
    seed: summary?.provenance.seed ?? null,
    verdict: summary === null || run.failures.length > 0 ? 'failed' : summary.verdict,
    used: isUsed,
    remark: whyUnusable(run) ?? (isUsed ? null : 'its block lacks the other build'),
    values: Object.fromEntries(paths.map((path) => [path, summary && valueAt(summary, path)])),
    edges: summary?.provenance.edges ?? []
  }
}

function nothingToCompare({ runs, design }: ComparisonRequest): NothingToCompareError {
  const reasons = runs.flatMap((run) => {
    const reason = whyUnusable(run)
    return reason === null ? [] : [`  ${run.testId}: ${reason}`]
  })
  return new NothingToCompareError(
    [
      `There is no ${design === 'paired' ? 'complete block' : 'usable run of each build'} to compare; void and failed runs never are`,
      ...reasons
    ].join('\n')
  )
}
