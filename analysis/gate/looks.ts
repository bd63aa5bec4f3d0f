/** Decides when a sequential comparison checks its blocks, and whether it should continue. */
import { binomialTail } from '../statistics/counts'
import { SCALES } from '../statistics/metric'
import { standardDeviation } from '../statistics/standard-deviation'
import { completeBlocks } from '../comparison/run'
import type { Test } from './adjustment'
import { testCriteria, type PartRequest } from './gate'
import { isNeverReached, type BlockLook, type ComponentTest } from './measured'
import type { StabilityTest } from './attempts'

/** With fewer blocks, stability can't be shown, and nothing can be worse after adjustment. */
export const FIRST_LOOK = 8

/**
 * Shares of the unspent level that the first stage spends, and each later one. With 95% each, 5.3% of 10,000
 * campaigns at the margin passed after they were resumed once.
 */
const SPENT_AT_FIRST = 0.9
const SPENT_LATER = 0.3

/**
 * One look after each block, from the eighth on: as the level is spent exactly, more looks are free. It is
 * spent with the square of the blocks (power family: Kim & DeMets 1987): large changes are found early, and
 * most of it is left for the last looks, where the most blocks are.
 * @param stages the most blocks that were planned, at first and each time that the comparison was resumed:
 * each leaves some of the level to the next
 */
export function lookSchedule(stages: readonly number[]): BlockLook[] {
  const looks: BlockLook[] = []
  let [begin, spent] = [0, 0]
  for (const end of stages) {
    const own = (1 - spent) * (spent === 0 ? SPENT_AT_FIRST : SPENT_LATER)
    for (let blocks = Math.max(begin + 1, Math.min(FIRST_LOOK, end)); blocks <= end; blocks++)
      looks.push({ blocks, spent: spent + own * ((blocks - begin) / (end - begin)) ** 2 })
    ;[begin, spent] = [end, spent + own]
  }
  return looks
}

/** Below this chance of a decision the comparison stops. That adds no false alarm: it needs no correction. */
const HOPELESS = 0.05

/**
 * The chance that the gate is decided by the last block if the trend continues (predictive power:
 * Spiegelhalter, Freedman & Blackburn 1986). A normal approximation is good enough, because it only affects
 * when the runs stop.
 */
export function chanceOfDecision(request: PartRequest, maxBlocks: number): number {
  const tests = testCriteria(request)
  const holds = mayHold(request, tests)
    ? tests.map((test, index) => chanceToHold(test, request.criteria[index]!.margin, maxBlocks))
    : [0]
  const isWorse = tests.map((test) => chanceOfWorse(test, maxBlocks))
  return Math.min(1, Math.min(...holds) + Math.max(...isWorse))
}

/**
 * Whether more blocks can show that every criterion holds: not if none can be judged, nor if builds slowed
 * each other down, nor if only one build reported a metric, unless a fixed number of blocks starts anew.
 */
export function mayHold(request: PartRequest, tests: readonly Test[] = testCriteria(request)): boolean {
  const { criteria, runs, looks, sharedCores } = request
  const hasRuns = completeBlocks(runs, [0, 1]).length > 0
  const canBeJudged = (test: Test, index: number) =>
    Array.isArray(test) ? !decisive(test).every(isNeverReached) : criteria[index]!.onlyWorse !== true
  if (hasRuns && !tests.some(canBeJudged)) return false
  return tests.every((test, index) => {
    if (!Array.isArray(test)) return true
    const isTimed = criteria[index]!.components.some((component) => component.isTimed)
    const areKnown = test.every(
      ({ component, baseline, lopsided }) =>
        component.onlyWorse === true || lopsided === 0 || (looks === undefined && baseline !== null)
    )
    return areKnown && !(sharedCores && isTimed)
  })
}

const decisive = (test: readonly ComponentTest[]) =>
  test.filter(({ component, baseline }) => !component.onlyWorse && baseline !== null)

export const isHopeless = (request: PartRequest, maxBlocks: number): boolean =>
  chanceOfDecision(request, maxBlocks) < HOPELESS

function chanceToHold(test: Test, margin: number, maxBlocks: number): number {
  if (!Array.isArray(test)) return stabilityChance(test, margin, maxBlocks)
  return Math.min(1, ...decisive(test).map((each) => (each.holds ? 1 : chance(each, maxBlocks, 'holds'))))
}

function chanceOfWorse(test: Test, maxBlocks: number): number {
  if (!Array.isArray(test)) return (test.estimate ?? 0) > 0 ? 1 : 0
  return Math.max(0, ...test.map((each) => (each.holds ? 0 : chance(each, maxBlocks, 'worse'))))
}

/** One-sided normal quantiles at 5%, and at 1% for several criteria. */
const QUANTILE = { holds: 1.645, worse: 2.326 }

function chance({ differences, component }: ComponentTest, maxBlocks: number, wanted: 'holds' | 'worse') {
  if (differences.length === 0) return 0
  if (!differences.every(Number.isFinite)) return wanted === 'worse' ? 1 : 0
  const blocks = differences.length
  const mean = differences.reduce((sum, each) => sum + each, 0) / blocks
  const spread = standardDeviation([differences]) ?? 0
  const { scale, margin } = component.metric
  const bound = SCALES[scale].toShift(margin)
  const chancy = (QUANTILE[wanted] * spread) / Math.sqrt(maxBlocks)
  const room = wanted === 'holds' ? bound - mean : mean
  // To be worse, the estimate must be beyond chance and beyond the margin.
  const needed = wanted === 'holds' ? chancy : Math.max(chancy, bound)
  const uncertain = spread * Math.sqrt(Math.max(0, 1 / blocks - 1 / maxBlocks))
  if (uncertain === 0) return room > needed ? 1 : 0
  return normalTail((room - needed) / uncertain)
}

/** Chance that stability holds by the last block. Assumes some losses even if there were none so far. */
function stabilityChance({ trials, limit, holds }: StabilityTest, margin: number, maxBlocks: number): number {
  if (holds || limit === null || trials === 0) return 1
  // At the upper limit itself the bound would certainly fail; half of it is a reasonable guess.
  const rate = limit / 2
  let allowed = -1
  while (binomialTail(allowed + 1, maxBlocks, margin) <= 0.05) allowed++
  return allowed < 0 ? 0 : binomialTail(allowed, maxBlocks, rate)
}

/** Φ(z), from Abramowitz & Stegun 1964, 26.2.17. */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z > 0 ? 1 - density * polynomial : density * polynomial
}
