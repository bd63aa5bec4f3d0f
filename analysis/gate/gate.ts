/**
 * The release gate: may the candidate replace the baseline? One verdict from several criteria.
 *
 * *pass* only if every criterion is shown to hold, that is, to be worse by less than its margin. Each is
 * tested at the full level, because a wrong pass requires a wrong answer for the very criterion that is
 * violated (intersection–union test: Berger 1982). *worse* if any criterion is shown to be worse, with Holm's
 * adjustment over all of them. Otherwise *undecided*.
 */
import { completeBlocks, isUsable, type Run, type UsableRun } from '../comparison/run'
import { holm } from '../statistics/holm'
import { jointFlips } from '../statistics/joint-flips'
import { ALPHA } from '../statistics/shift'
import { standardDeviation } from '../statistics/standard-deviation'
import { attemptTable, testPairs, testSets, type AttemptTable, type StabilityTest } from './attempts'
import type { Criterion } from './criteria'
import { testBlocks, testRunSets, type BlockLook, type ComponentTest } from './measured'
import { whyUndecided } from './reasons'

export type GateVerdict = 'pass' | 'worse' | 'undecided'
export type CriterionVerdict = 'holds' | 'worse' | 'undecided'

export interface ComponentResult {
  metric: string
  unit: string
  scale: 'ratio' | 'difference'
  direction: string
  margin: number
  /** Medians; "never": most runs never reached it; null: unknown. */
  baseline: number | 'never' | null
  candidate: number | 'never' | null
  /** Ratio or difference; null: unknown. */
  estimate: number | 'never' | null
  /** Largest change for the worse with 95 % confidence; null with too few runs. */
  limit: number | 'never' | null
  /** Standard deviation of the blocks' changes: of logarithms, or in the metric's unit; null if unknown. */
  spread: number | null
  /** Number of blocks, or of runs of each build. */
  count: number
}

export interface CriterionResult {
  name: string
  asks: string
  verdict: CriterionVerdict
  margin: number
  /** One-sided p-value that the candidate is worse, adjusted for all criteria. 1 stands for "not shown". */
  worseP: number
  /** Why it is undecided, and what would settle it. */
  remark: string | null
  components: ComponentResult[]
}

export interface Gate {
  verdict: GateVerdict
  /** One-sided level: for each criterion to be shown to hold, and for all false alarms together. */
  level: number
  criteria: CriterionResult[]
  /** How each attempt ended. */
  attempts: AttemptTable
  stability: Omit<StabilityTest, 'worseP' | 'holds'> | null
  /**
   * How many planned blocks had run when the gate was judged, and the number of looks; null for the fixed
   * design.
   */
  sequential: { looks: number; blocks: number; maxBlocks: number } | null
}

export interface GateRequest {
  criteria: readonly Criterion[]
  runs: readonly Run[]
  design: 'paired' | 'unpaired'
  /**
   * The builds ran at the same time on the same cores and slowed each other down, so timed criteria cannot
   * hold.
   */
  sharedCores?: boolean
  /** For a sequential design: the looks that are due. */
  looks?: readonly BlockLook[]
  maxBlocks?: number
  level?: number
  /** Number of gates that share one false-alarm rate, such as the steps of a history. Default 1. */
  gates?: number
}

/** With fewer complete blocks, Holm's adjustment could never find anything worse. */
const HOLM_FROM_BLOCKS = 8
/** Share of the level reserved for stability when the other criteria are tested jointly. */
const STABILITY_SHARE = 0.2

/**
 * Judges runs of variant 0 (the baseline) and variant 1 (the candidate). Works without any usable run,
 * because stability counts attempts.
 */
export function judgeGate(request: GateRequest): Gate {
  const { criteria, runs, design, sharedCores = false, looks = FIXED, level = ALPHA } = request
  const pairs = design === 'paired' ? completeBlocks(runs, [0, 1]) : []
  const tests = testCriteria(request, pairs)
  const p = adjusted(tests, design === 'paired' ? pairs.length : Infinity).map(
    (each) => each * (request.gates ?? 1)
  )
  const results = criteria.map((criterion, index): CriterionResult => {
    const test = tests[index]!
    const worseP = p[index]! > level ? 1 : p[index]!
    const isTimed = criterion.components.some((component) => component.isTimed)
    const holds = isArray(test) ? test.every((each) => each.holds) : test.holds
    const canHold = !(sharedCores && isTimed)
    const verdict =
      holds && canHold ? 'holds' : worseP <= level && isWorse(test, level) ? 'worse' : 'undecided'
    return {
      name: criterion.name,
      asks: criterion.asks,
      verdict,
      margin: criterion.margin,
      worseP,
      remark: verdict === 'undecided' ? whyUndecided(criterion, test, canHold) : null,
      components: isArray(test) ? test.map(describeComponent) : []
    }
  })
  const stability = tests.find((test): test is StabilityTest => !isArray(test))
  return {
    verdict: results.some(({ verdict }) => verdict === 'worse')
      ? 'worse'
      : results.every(({ verdict }) => verdict === 'holds')
        ? 'pass'
        : 'undecided',
    level,
    criteria: results,
    attempts: attemptTable(runs),
    stability: stability
      ? { trials: stability.trials, estimate: stability.estimate, limit: stability.limit }
      : null,
    sequential:
      request.looks && request.maxBlocks !== undefined
        ? { looks: looks.length, blocks: looks.at(-1)?.blocks ?? 0, maxBlocks: request.maxBlocks }
        : null
  }
}

/** A single look at all blocks. */
const FIXED: readonly BlockLook[] = [{ blocks: Infinity, spent: 1 }]

/** The test of one criterion: stability, or the tests of its metrics. */
export type Test = StabilityTest | ComponentTest[]

/** The individual tests, before they are adjusted and judged together. */
export function testCriteria(
  request: GateRequest,
  pairs: readonly UsableRun[][] = request.design === 'paired' ? completeBlocks(request.runs, [0, 1]) : []
): Test[] {
  const { criteria, looks = FIXED, level = ALPHA } = request
  return criteria.map(({ components, margin }) =>
    components.length === 0
      ? stabilityTest(request, looks, margin, level)
      : components.map((component) => measuredTest(component, request, pairs, looks, level))
  )
}

export function isArray(test: Test): test is ComponentTest[] {
  return Array.isArray(test)
}

/** A metric that is shown to be worse, but by less than its margin, does not make the criterion worse. */
function isWorse(test: Test, level: number): boolean {
  return (isArray(test) ? test : [test]).some((each) => !each.holds && each.worseP <= level)
}

function stabilityTest(
  { runs, design }: GateRequest,
  looks: readonly BlockLook[],
  margin: number,
  level: number
): StabilityTest {
  return design === 'paired' ? testPairs(runs, looks, margin, level) : testSets(runs, margin, level)
}

function measuredTest(
  component: Criterion['components'][number],
  { runs, design }: GateRequest,
  pairs: readonly UsableRun[][],
  looks: readonly BlockLook[],
  level: number
): ComponentTest {
  if (design === 'paired') {
    const [from, to] = [0, 1].map((side) => pairs.map((pair) => pair[side]!))
    const blocks = pairs.map(([run]) => run!.block!)
    return testBlocks(component, from!, to!, blocks, looks, level)
  }
  const [from, to] = [0, 1].map((variant) => runs.filter((run) => run.variant === variant).filter(isUsable))
  return testRunSets(component, from!, to!, level)
}

/** One-sided p-values of the criteria, adjusted together. */
function adjusted(tests: readonly Test[], blocks: number): number[] {
  if (blocks >= HOLM_FROM_BLOCKS)
    return holm(tests.map((test) => (isArray(test) ? simes(test.map((each) => each.worseP)) : test.worseP)))
  return adjustedJointly(tests)
}

/**
 * Combines several metrics of one criterion. Valid for metrics that rise and fall together, such as
 * percentiles of one distribution, or packets and bytes (Simes 1986; Sarkar 1998).
 */
function simes(pValues: readonly number[]): number {
  const sorted = [...pValues].sort((a, b) => a - b)
  return Math.min(1, ...sorted.map((p, index) => (p * sorted.length) / (index + 1)))
}

/**
 * For few blocks: tests all metrics with joint flips at four fifths of the level, and stability at the
 * remaining fifth (weighted Holm).
 */
function adjustedJointly(tests: readonly Test[]): number[] {
  const measured = tests.flatMap((test) => (isArray(test) ? test : []))
  const columns = measured.map(({ differences }) => differences)
  const length = Math.max(0, ...columns.map((column) => column.length))
  const p =
    length === 0
      ? []
      : jointFlips(
          columns.map((column) => (column.length === 0 ? new Array<number>(length).fill(0) : column))
        )
  const hasStability = measured.length < tests.flat().length
  const shares = hasStability
    ? { measured: 1 - STABILITY_SHARE, stability: STABILITY_SHARE }
    : { measured: 1, stability: 1 }
  const isStabilityWorse = tests.some((test) => !isArray(test) && test.worseP / shares.stability <= ALPHA)
  return tests.map((test) => {
    if (!isArray(test)) return Math.min(1, test.worseP / shares.stability)
    const own = test.map((each) => p[measured.indexOf(each)] ?? 1)
    // Once stability is found worse, its share of the level goes to the others.
    return Math.min(1, Math.min(...own) / (isStabilityWorse ? 1 : shares.measured))
  })
}

function describeComponent(test: ComponentTest): ComponentResult {
  const { component, baseline, candidate, count, estimate, limit, differences } = test
  const { metric, unit } = component
  return {
    metric: metric.name,
    unit,
    scale: metric.scale,
    direction: metric.direction,
    margin: metric.margin,
    baseline: told(baseline),
    candidate: told(candidate),
    estimate: told(Number.isNaN(estimate) ? null : estimate),
    limit: told(limit),
    spread: differences.every(Number.isFinite) ? standardDeviation([differences]) : null,
    count
  }
}

/** JSON has no infinity. */
function told(value: number | null): number | 'never' | null {
  return value === Infinity ? 'never' : value
}
