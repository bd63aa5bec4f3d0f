/**
 * The release gate (docs/statistics.md): may the candidate replace the baseline? One verdict from several
 * criteria.
 *
 * *pass* only if every criterion is shown to hold, that is, to be worse by less than its margin. Each is
 * tested at the full level, because a wrong pass requires a wrong answer for the very criterion that is
 * violated (intersection–union test: Berger 1982). *worse* if any criterion is worse than no change, with
 * its p-value adjusted for all metrics, and its estimate is beyond the margin. Otherwise *undecided*.
 */
import { completeBlocks, isUsable, type Run } from '../comparison/run'
import { ALPHA } from '../statistics/shift'
import { adjusted, adjustedApart, type Test } from './adjustment'
import { attemptTable, testPairs, testSets, type StabilityTest } from './attempts'
import type { Criterion } from './criteria'
import {
  describeComponent,
  isNeverReached,
  isWorse,
  testBlocks,
  testRunSets,
  type BlockLook,
  type ComponentTest
} from './measured'
import { whyUndecided } from './reasons'
import type { CriterionResult, Gate, GatePart, GateVerdict, SimulatedPart } from './result'

export interface PartRequest {
  criteria: readonly Criterion[]
  runs: readonly Run[]
  design: 'paired' | 'unpaired'
  /** The builds shared cores and slowed each other down, so timed criteria cannot hold. */
  sharedCores?: boolean
  /** For a sequential design: the looks that are due. */
  looks?: readonly BlockLook[]
  /** Share of the false alarms that these runs may raise, if others are judged too. Default 1: all. */
  share?: number
  /** Only the verdicts, without the metrics behind them. */
  isBrief?: boolean
}

export interface GateRequest extends PartRequest {
  maxBlocks?: number
  simulated?: readonly SimulatedPart[]
}

/** Share of the false alarms for the blocks, if there are also simulated runs. Those need little. */
export const SHARE_OF_BLOCKS = 0.9

/** Variant 0 is the baseline, 1 the candidate. Works without a usable run, as stability counts attempts. */
export function judgeGate(request: GateRequest): Gate {
  const { runs, looks, maxBlocks, simulated = [], share = 1 } = request
  const engine = engineOf(runs)
  const part = judgePart({
    ...request,
    criteria: judgeable(request.criteria, engine, simulated),
    share: share * (simulated.length > 0 ? SHARE_OF_BLOCKS : 1)
  })
  const criteria = part.criteria.map((own) => together(own, simulated))
  return {
    ...part,
    criteria,
    verdict: verdictOf(criteria),
    isFirm: part.isFirm || simulated.some(({ verdict, isFirm }) => verdict === 'worse' && isFirm),
    engine,
    level: ALPHA,
    attempts: attemptTable(runs),
    simulated: [...simulated],
    sequential:
      looks && maxBlocks !== undefined
        ? { looks: looks.length, blocks: looks.at(-1)?.blocks ?? 0, maxBlocks }
        : null
  }
}

/** What the runs can show to hold, and what only to be worse. */
export function judgeable(
  criteria: readonly Criterion[],
  engine: Gate['engine'],
  simulated: readonly SimulatedPart[] = []
): Criterion[] {
  const areDecided = areDecidedBySeeds(simulated)
  return criteria.map((criterion) => ({
    ...criterion,
    components: criterion.components.map((component) => {
      const { name } = component.metric
      const isUnmodelled = engine === 'simulation' && name.startsWith('latency')
      const isDeferred = areDecided && DECIDED_BY_SEEDS.has(name)
      return isUnmodelled || isDeferred ? { ...component, onlyWorse: true } : component
    })
  }))
}

/** Figures that the mesh decides: where each build has its own, they differ by several percent a seed. */
export const DECIDED_BY_SEEDS: ReadonlySet<string> = new Set([
  'wire.packetsPerMessage',
  'bytes per message',
  'duplicateRatio.all'
])

/** Large meshes have too few seeds for it: they can only be worse. */
export const areDecidedBySeeds = (simulated: readonly SimulatedPart[]): boolean =>
  simulated.some(({ meshesDiffer, isDeduplicated }) => meshesDiffer && !isDeduplicated)

export function engineOf(runs: readonly Run[]): Gate['engine'] {
  const summary = runs.find((run) => run.summary !== null)?.summary
  return summary ? (summary.provenance.engine ?? 'browser') : null
}

/** A criterion's verdict from the blocks and from the simulated runs: the worst counts. */
function together(own: CriterionResult, simulated: readonly SimulatedPart[]): CriterionResult {
  const others = simulated.flatMap((part) => {
    const found = part.criteria.find(({ name }) => name === own.name)
    return found ? [{ part, found }] : []
  })
  const verdicts = [own, ...others.map(({ found }) => found)].map(({ verdict }) => verdict)
  const verdict = (['worse', 'undecided', 'holds'] as const).find((each) => verdicts.includes(each))
  // What is worse anywhere needs no more runs elsewhere.
  if (verdict === 'worse') return { ...own, verdict, remark: null }
  const remarks = others.flatMap(({ part, found }) =>
    found.remark === null ? [] : `${found.remark} (${part.peers} simulated peers)`
  )
  const remark = [own.remark ?? [], ...remarks].flat().join('; ')
  return { ...own, verdict: verdict ?? 'not judged', remark: remark === '' ? null : remark }
}

export function judgePart(request: PartRequest): GatePart {
  const { criteria, runs, design, sharedCores = false, share = 1, isBrief = false } = request
  const { looks = FIXED } = request
  const blocks = design === 'paired' ? completeBlocks(runs, [0, 1]).length : Infinity
  const isUsed = (side: number) => runs.some((run) => run.variant === side && isUsable(run))
  const hasRuns = blocks > 0 && isUsed(0) && isUsed(1)
  const tests = adjusted(testCriteria(request), blocks, looks, share)
  const known = tests.map((test) => (Array.isArray(test) && hasRuns ? test.filter(isKnown) : test))
  const better = isBrief ? new Set() : shownBetter(known, share, sharedCores)
  const results = criteria.map((criterion, index): CriterionResult => {
    const test = known[index]!
    const canHold = !(sharedCores && criterion.components.some((component) => component.isTimed))
    const verdict = verdictOfTest(criterion, test, canHold)
    const ofComponent = (each: ComponentTest) =>
      hasRuns
        ? verdictOfTest(criterion, [each].filter(isKnown), canHold || isNeverReached(each))
        : 'undecided'
    const { name, asks, margin } = criterion
    return {
      name,
      asks,
      verdict,
      margin,
      worseP: worsePOf(test),
      remark: verdict === 'undecided' ? whyUndecided(criterion, test, { canHold, hasRuns }) : null,
      components:
        Array.isArray(test) && !isBrief
          ? (tests[index] as ComponentTest[]).map((each) =>
              describeComponent(each, ofComponent(each), better.has(each))
            )
          : []
    }
  })
  const verdict = verdictOf(results)
  // What these runs can only show to be worse, but not yet beyond chance.
  const looksWorse = (each: StabilityTest | ComponentTest) =>
    'component' in each && each.component.onlyWorse === true && each.isFirmlyBeyond()
  const stability = tests.find((test): test is StabilityTest => !Array.isArray(test))
  return {
    verdict,
    criteria: results,
    stability: stability
      ? { trials: stability.trials, estimate: stability.estimate, limit: stability.limit }
      : null,
    firstErrors: [0, 1].map((variant) => firstErrorOf(runs, variant)),
    isFirm:
      (verdict === 'pass' && !known.flat().some(looksWorse)) ||
      results.some((result, index) => result.verdict === 'worse' && isFirmlyWorse(known[index]!))
  }
}

function firstErrorOf(runs: readonly Run[], variant: number): string | null {
  const errors = runs.flatMap((run) => (run.variant === variant ? (run.summary?.errors.first ?? []) : []))
  return errors[0]?.split('\n')[0] ?? null
}

/** Reported by at least one build. */
const isKnown = ({ baseline, lopsided }: ComponentTest): boolean => baseline !== null || lopsided > 0

export function verdictOf(criteria: readonly Pick<CriterionResult, 'verdict'>[]): GateVerdict {
  const judged = criteria.filter(({ verdict }) => verdict !== 'not judged')
  if (judged.some(({ verdict }) => verdict === 'worse')) return 'worse'
  return judged.length > 0 && judged.every(({ verdict }) => verdict === 'holds') ? 'pass' : 'undecided'
}

/** Of the first metric that is worse, which reports name; otherwise the smallest. */
function worsePOf(test: Test): number {
  const each = [test].flat()
  const worse = Array.isArray(test) ? test.find(isWorse) : undefined
  return worse?.worseP ?? Math.min(1, ...each.map(({ worseP }) => worseP))
}

function verdictOfTest({ onlyWorse = false }: Criterion, test: Test, canHold: boolean) {
  if (!Array.isArray(test)) {
    // Any loss matters; the margin is only what so few attempts can show.
    if (test.worseP <= ALPHA && (test.estimate ?? 0) > 0) return 'worse'
    if (onlyWorse) return 'not judged'
    return test.holds ? 'holds' : 'undecided'
  }
  if (test.some(isWorse)) return 'worse'
  const decisive = test.filter(({ component }) => !component.onlyWorse)
  if (decisive.length === 0) return 'not judged'
  if (!canHold || !decisive.every(({ holds, lopsided }) => holds && lopsided === 0)) return 'undecided'
  return decisive.every(isNeverReached) ? 'not judged' : 'holds'
}

const isFirmlyWorse = (test: Test): boolean =>
  !Array.isArray(test) || test.some((each) => isWorse(each) && each.isFirmlyBeyond())

/** The metrics that are shown to be better, with the same care as those that are worse. */
function shownBetter(tests: readonly Test[], share: number, sharedCores: boolean): Set<ComponentTest> {
  const betterP = (each: ComponentTest) => (sharedCores && each.component.isTimed ? 1 : each.betterP())
  const measured = tests.map((test) => (Array.isArray(test) ? test : []))
  const p = adjustedApart(measured.map((test) => test.map(betterP)))
  return new Set(
    measured.flatMap((test, index) =>
      test.filter((each, place) => p[index]![place]! <= ALPHA * share && !isNeverReached(each))
    )
  )
}

/** A single look at all blocks. */
const FIXED: readonly BlockLook[] = [{ blocks: Infinity, spent: 1 }]

export function testCriteria({ criteria, runs, design, looks = FIXED }: PartRequest): Test[] {
  const isPaired = design === 'paired'
  const blocks = completeBlocks(runs, [0, 1])
  const [from, to] = [0, 1].map((variant) => runs.filter(isUsable).filter((run) => run.variant === variant))
  return criteria.map(({ components, margin }) => {
    if (components.length === 0) return isPaired ? testPairs(runs, looks, margin) : testSets(runs, margin)
    return components.map((component) =>
      isPaired ? testBlocks(component, blocks, looks) : testRunSets(component, from!, to!)
    )
  })
}
