/** Compares two sets of runs and produces the document behind the tables, pages and JSON output. */
import { COMPARISON_VERSION } from '../../protocol/names'
import type { Summary } from '../../protocol/summary'
import { defaultGate, type Criterion } from '../gate/criteria'
import { judgeGate, type GateRequest } from '../gate/gate'
import { gateHeadline } from '../gate/headline'
import { valueAt, type MetricEntry } from '../metrics-catalog'
import { adjustSecondary, blocksNeeded, compareRuns, type MetricComparison } from '../statistics/compare'
import { headingOf, settingOf, type Subject } from './heading'
import { findDifferences, describeDifference, type Difference } from './likeness'
import { meshLikeness } from './meshes'
import { interferenceOf } from './interference'
import { comparedMetric, isTimed } from './metric-choice'
import { buildOf, completeBlocks, endOf, isUsable, whyUnusable, type Run, type UsableRun } from './run'

/** Shown for every run, because no latency is more accurate than the clocks. */
export const CLOCK_ERROR = 'latencyClockError'

export interface Arrangement {
  kind: 'isolated' | 'side by side' | 'one after the other' | 'made separately'
  /** Why the runs are not isolated, if isolation could have been requested. */
  reason: string | null
}

export interface ComparisonRequest
  extends Omit<Subject, 'differences'>, Pick<GateRequest, 'design' | 'looks' | 'maxBlocks' | 'simulated'> {
  id: string
  /** Path of the only metric tested at 5% by itself. */
  primary: string
  /** Paths of the metrics that share a further 5%. */
  secondary: readonly string[]
  /** Largest ratio that does not matter (0.03 is 3%). By default, each metric has its own. */
  margin?: number | null
  gate?: readonly Criterion[]
  /** The command that decides it, should it be undecided. */
  next?: string
  /** How far it got, if it was stopped. */
  stopped?: string | null
  arrangement?: Arrangement
  force?: boolean
  plannedBlocks?: number
}

export interface MetricResult extends MetricComparison {
  entry: MetricEntry
  /** One value per run. In a paired design, values with the same index share a block. */
  values: { baseline: number[]; candidate: number[] }
}

export interface Side {
  name: string
  provenance: Summary['provenance']
}

/** What a comparison came to, as `comparison.json` holds it: a `why` says that no run could be compared. */
export type Conclusion = ReturnType<typeof conclude>
export type Comparison = Exclude<Conclusion, { why: string }>

export class UnlikeRunsError extends Error {
  override readonly name = 'UnlikeRunsError'
  readonly canForce: boolean

  constructor(differences: readonly Difference[]) {
    const canForce = differences.every(({ fact }) => fact !== 'engine')
    const why = canForce ? '' : ': virtual time and browsers are never compared'
    super(
      `These runs differ in more than the build, so a change could have another cause:\n${differences
        .map((difference) => `  ${describeDifference(difference)}`)
        .join('\n')}\nRun both again under the same conditions${why}`
    )
    this.canForce = canForce
  }
}

/** No run can be compared, and there are no attempts of both builds that could decide. */
export class NothingToCompareError extends Error {
  override readonly name = 'NothingToCompareError'
}

/**
 * Compares the usable runs. Void and failed runs are listed but excluded, and so are incomplete blocks. If
 * none can be compared, the attempts of both builds decide: they can show that one is worse.
 * @throws UnlikeRunsError, NothingToCompareError; RangeError for an unknown metric
 */
export function conclude(request: ComparisonRequest) {
  const { design, margin = null, stopped = null, arrangement = UNKNOWN_ARRANGEMENT } = request
  const sharedCores = arrangement.kind === 'side by side'
  const runs = request.runs.filter(({ solo }) => solo !== true)
  const pairs = design === 'paired' ? completeBlocks(runs, [0, 1]) : undefined
  const used = pairs?.flat() ?? runs.filter(isUsable)
  const sides = [0, 1].map((variant) => used.filter((run) => run.variant === variant))
  const [baseline, candidate] = sides as [UsableRun[], UsableRun[]]
  const isOneSided = baseline.length === 0 || candidate.length === 0
  // Results that were made separately may be of different kinds, and void ones count as losses.
  const alike = arrangement.kind === 'made separately' ? runs.filter(hasSummary) : used
  const differences = findDifferences(alike, design, request.declared)
  if (differences.length > 0) {
    const unlike = new UnlikeRunsError(differences)
    if (request.force !== true || !unlike.canForce) throw unlike
  }

  const gate = judgeGate({ ...request, criteria: request.gate ?? defaultGate(), runs, sharedCores })
  // A pass was promised for all blocks, or for a look at which it would have ended.
  const isCut = stopped !== null || (request.looks === undefined && request.ended != null)
  if (isCut && gate.verdict === 'pass') gate.verdict = 'undecided'
  const judgement = {
    version: COMPARISON_VERSION,
    id: request.id,
    madeAt: request.madeAt,
    heading: headingOf({ ...request, differences, runs: used.length > 0 ? used : runs }),
    headline: gateHeadline(gate),
    stopped,
    next: gate.verdict === 'undecided' ? (request.next ?? null) : null,
    gate
  }
  const result = (path: string) => compareMetric(path, margin, baseline, candidate, design)
  // On shared cores each build slows the other, which can hide a difference: no timed metric is *same*.
  const told = (found: MetricResult): MetricResult =>
    sharedCores && found.verdict === 'same' && isTimed(found.entry)
      ? { ...found, verdict: 'inconclusive' }
      : found
  const primary = result(request.primary)
  if (!primary) {
    const why = isOneSided ? whyNothing(request) : `No run knows ${request.primary}: choose another --metric`
    const { simulated, attempts } = gate
    const hasAttempts = attempts.baseline.attempts > 0 && attempts.candidate.attempts > 0
    if (simulated.length === 0 && !hasAttempts) throw new NothingToCompareError(why)
    const names = { baseline: { name: request.baseline }, candidate: { name: request.candidate } }
    return { ...judgement, ...names, why, isUnmeasured: isOneSided }
  }
  const others = [...new Set(request.secondary)].filter((path) => path !== request.primary)
  const known = others.flatMap((path) => result(path) ?? [])
  const { summary } = baseline[0]!
  return {
    ...judgement,
    design,
    baseline: { name: request.baseline, provenance: summary.provenance },
    candidate: { name: request.candidate, provenance: candidate[0]!.summary.provenance },
    setting: settingOf(summary),
    arrangement,
    /** Null without solo runs. */
    interference: interferenceOf(request.runs),
    /** Complete ones; null if unpaired. */
    blocks: pairs?.length ?? null,
    plannedBlocks: request.plannedBlocks ?? null,
    /** Of all metrics; null if each has its own. */
    margin,
    primary: told(primary),
    /** Judged together with Holm's adjustment. Metrics that no run reports are in `unknown`. */
    secondary: adjustSecondary(known).map(told),
    /** With fewer, no secondary metric can be better or worse. */
    blocksForSecondary: blocksNeeded(Math.max(1, known.length)),
    unknown: others.filter((path) => known.every(({ entry }) => entry.path !== path)),
    meshes: meshLikeness(used),
    /** Only with `force`. */
    differences,
    runs: runs.map((run) => describeRun(run, used, [request.primary, ...others, CLOCK_ERROR]))
  }
}

const hasSummary = (run: Run): run is UsableRun => run.summary !== null

const UNKNOWN_ARRANGEMENT: Arrangement = { kind: 'made separately', reason: null }

/** Without the runs, or if paired the blocks, that do not report the metric; null if nothing is left. */
export function compareMetric(
  path: string,
  margin: number | null,
  baseline: readonly UsableRun[],
  candidate: readonly UsableRun[],
  design: MetricResult['design']
): MetricResult | null {
  const { entry, ...metric } = comparedMetric(path, margin)
  const [from, to] = [baseline, candidate].map((runs) => runs.map(({ summary }) => valueAt(summary, path)))
  const known = (own: (number | null)[], other: (number | null)[]) =>
    own.flatMap((value, index) =>
      value === null || (design === 'paired' && other[index] === null) ? [] : [value]
    )
  const values = { baseline: known(from!, to!), candidate: known(to!, from!) }
  if (values.baseline.length === 0 || values.candidate.length === 0) return null
  return { ...compareRuns(design, metric, values.baseline, values.candidate), entry, values }
}

function describeRun(run: Run, used: readonly Run[], paths: readonly string[]) {
  const { testId, summary, block, attempt } = run
  const isUsed = used.includes(run)
  return {
    testId,
    build: buildOf(run),
    block,
    attempt,
    seed: summary?.provenance.seed ?? null,
    verdict: endOf(run),
    used: isUsed,
    remark: whyUnusable(run) ?? (isUsed ? null : 'its block lacks the other build'),
    /** Keyed by metric path. */
    values: Object.fromEntries(paths.map((path) => [path, summary && valueAt(summary, path)])),
    edges: summary?.provenance.edges ?? []
  }
}

function whyNothing({ runs, design }: ComparisonRequest): string {
  return [
    runs.length === 0
      ? 'No block has run yet.'
      : `There is no ${design === 'paired' ? 'complete block' : 'usable run of each build'} to compare: void and failed runs are never compared`,
    ...runs.filter((run) => !isUsable(run)).map((run) => `  ${run.testId}: ${whyUnusable(run)!}`)
  ].join('\n')
}
