/** Tests whether one metric of the candidate is worse, or is shown not to be worse by more than a margin. */
import type { UsableRun } from '../comparison/run'
import { sum } from '../distribution'
import { higherTail, permutationShift } from '../statistics/permutation'
import { median } from '../statistics/median'
import { SCALES, scaleRuns } from '../statistics/metric'
import { bisected, isShownAbove, leastPOf, sequentialP, type Look } from '../statistics/sequential'
import { ALPHA, difference } from '../statistics/shift'
import { standardDeviation } from '../statistics/standard-deviation'
import { signFlipShift } from '../statistics/sign-flip'
import { rounded } from '../statistics/signed-ranks'
import type { Component } from './criteria'
import type { ComponentResult, CriterionVerdict } from './result'

/** A look, after a number of planned blocks. By the last look the whole level is spent. */
export interface BlockLook {
  blocks: number
  spent: number
}

export interface ComponentTest {
  component: Component
  /** Medians; Infinity: never reached; null: unknown. */
  baseline: number | null
  candidate: number | null
  /** Number of complete blocks, or of runs in the smaller set, that report the metric. */
  count: number
  /** Blocks, or runs, that only one of the builds reports. */
  lopsided: number
  /** Hodges–Lehmann estimate, as a ratio or a difference. */
  estimate: number
  /** Most of the changes are from or to 0, so the ratio has no size. */
  isUnsized: boolean
  /** Whether the estimate is a change for the worse beyond the margin. */
  isBeyond: boolean
  /** Whether that will hardly change with more blocks: 90% confidence. */
  isFirmlyBeyond: () => boolean
  /** The smallest margin that these looks show to hold, with 95% confidence; null with too few runs. */
  limit: () => number | null
  /** One-sided p-value that the candidate is worse; 1 if it is above ALPHA. */
  worseP: number
  /** The smallest p-value that these runs could have given. */
  leastP: number
  betterP: () => number
  /** On average worse than may be, whatever the ranks show: a few runs are much worse. */
  isMore: boolean
  /** Whether the change for the worse is shown to be smaller than the margin. */
  holds: boolean
  /** One per block, positive if the candidate is worse, 0 if unknown. Empty for unpaired sets. */
  differences: number[]
  /** Standard deviation of those that are known; null where one is infinite, or with too few. */
  spread: number | null
}

/** By the medians. That two builds never reach a percentile does not show that they are equally late. */
export const isNeverReached = ({ baseline, candidate }: ComponentTest): boolean =>
  baseline === Infinity && candidate === Infinity

/** A metric that is shown to be worse, but by less than its margin, does not make the criterion worse. */
export const isWorse = ({ worseP, isBeyond }: ComponentTest): boolean => isBeyond && worseP <= ALPHA

/** Tests a paired design: each block has a run of the baseline and one of the candidate. */
export function testBlocks(
  component: Component,
  blocks: readonly (readonly UsableRun[])[],
  looks: readonly BlockLook[]
): ComponentTest {
  const values = blocks.map((runs) => runs.map(({ summary }) => component.valueOf(summary)))
  const isKnown = values.map(([from, to]) => from !== null && to !== null)
  const of = (side: 0 | 1) => values.flatMap((pair, index) => (isKnown[index] ? [pair[side]!] : []))
  const known = { from: of(0), to: of(1) }
  const lopsided = values.filter(([from, to]) => (from === null) !== (to === null)).length
  if (known.from.length === 0) return unknown(component, lopsided)
  const { from, to, toWorse } = scale(component, known.from, known.to)
  const changes = to.map((value, index) => difference(value, from[index]!))
  const own = blocks.filter((_, index) => isKnown[index])
  const counts = looks.map(({ blocks: planned, spent }): Look => ({
    count: own.filter(([run]) => run!.block! < planned).length,
    spent
  }))
  const judged = changes.slice(0, counts.at(-1)?.count ?? 0)
  const { estimate } = signFlipShift(judged.length > 0 ? judged : changes)
  const above = (margin: number) => judged.map((change) => margin - change)
  const isShown = (margin: number) => isShownAbove(above(margin), counts)
  const mean = meanOfSized(judged)
  const found = { estimate, mean, isShown: isShown(toWorse.margin) }
  const common = resultOf(component, known, found, toWorse)
  let next = 0
  return {
    ...common,
    count: judged.length,
    lopsided,
    isFirmlyBeyond: () => (signFlipShift(judged, FIRMLY).interval?.low ?? -Infinity) > toWorse.margin,
    limit: () => {
      const limit = smallestShown(isShown, Math.max(estimate, mean), judged)
      return limit === null ? null : toWorse.effect(common.holds ? Math.min(limit, toWorse.margin) : limit)
    },
    worseP: sequentialP(judged, counts, ALPHA),
    leastP: leastPOf(judged),
    betterP: () => (estimate < 0 ? sequentialP(above(0), counts, ALPHA) : 1),
    differences: isKnown.map((is) => (is ? changes[next++]! : 0)),
    spread: changes.every(Number.isFinite) ? standardDeviation([changes]) : null
  }
}

/** A change from or to never has a rank, but no size. */
function meanOfSized(changes: readonly number[]): number {
  const sized = changes.filter(Number.isFinite)
  return sized.length > 0 ? sum(sized) / sized.length : -Infinity
}

/** What both designs tell alike, from the estimated shift for the worse and the mean one. */
function resultOf(
  component: Component,
  known: { from: readonly number[]; to: readonly number[] },
  { estimate, mean, isShown }: { estimate: number; mean: number; isShown: boolean },
  { margin, effect }: ReturnType<typeof scale>['toWorse']
) {
  const [baseline, candidate] = [median(known.from), median(known.to)]
  // Zero has no ratio: a change for the worse from or to it is beyond each margin.
  const isUnsized = component.metric.scale === 'ratio' && (baseline === 0) !== (candidate === 0)
  const isBeyond = estimate > (isUnsized ? 0 : margin)
  const isMore = component.noneMore === true ? mean > 0 : isShown && !isBeyond && mean > margin
  // What an early look has shown, the later blocks may contradict.
  const holds = isShown && !isMore && !isBeyond
  return { component, baseline, candidate, estimate: effect(estimate), isUnsized, isBeyond, isMore, holds }
}

/** Two-sided level whose lower limit has 90% confidence. */
const FIRMLY = 0.2

/** Infinity if no margin holds because of runs that never got there, null with too few runs. */
function smallestShown(isShown: (margin: number) => boolean, estimate: number, changes: readonly number[]) {
  if (estimate === Infinity) return Infinity
  const finite = changes.filter(Number.isFinite)
  const [least, largest] = [Math.min(...finite), Math.max(...finite)]
  // A little more, because a change as large as the margin has no sign.
  const beyond = largest + 1e-9 * Math.max(1, Math.abs(largest))
  if (!isShown(beyond)) return changes.includes(Infinity) ? Infinity : null
  return rounded(bisected(isShown, Math.min(Math.max(estimate, least), beyond), beyond))
}

export function testRunSets(
  component: Component,
  baseline: readonly UsableRun[],
  candidate: readonly UsableRun[]
): ComponentTest {
  const knownOf = (runs: readonly UsableRun[]) =>
    runs.flatMap(({ summary }) => component.valueOf(summary) ?? [])
  const known = { from: knownOf(baseline), to: knownOf(candidate) }
  // The shares of both sets, without a division.
  const lopsided = known.from.length * candidate.length === known.to.length * baseline.length ? 0 : 1
  if (known.from.length === 0 || known.to.length === 0) return unknown(component, lopsided)
  const { from, to, toWorse } = scale(component, known.from, known.to)
  const { estimate, interval } = permutationShift(from, to, 2 * ALPHA)
  const tail = (higher: readonly number[], lower: readonly number[]) => {
    const p = higherTail(lower, higher)
    return p > ALPHA ? 1 : p
  }
  const moved = from.map((value) => value + toWorse.margin)
  const isShown = interval !== null && higherTail(to, moved) <= ALPHA
  const mean = meanOfSized(to.flatMap((value) => from.map((start) => value - start)))
  const common = resultOf(component, known, { estimate, mean, isShown }, toWorse)
  // The interval ignores ties, the test does not.
  const atMost = common.holds ? toWorse.margin : Infinity
  return {
    ...common,
    count: Math.min(from.length, to.length),
    lopsided,
    isFirmlyBeyond: () => common.isBeyond,
    limit: () => interval && toWorse.effect(Math.min(Math.max(mean, interval.high), atMost)),
    worseP: tail(to, from),
    leastP: new Set([...from, ...to]).size > 1 ? 0 : 1,
    betterP: () => (estimate < 0 ? tail(from, to) : 1),
    differences: [],
    spread: null
  }
}

/** Both sides on the scale on which a change is a shift and higher is worse. */
function scale({ metric }: Component, from: readonly number[], to: readonly number[]) {
  const sign = metric.direction === 'higher is better' ? -1 : 1
  const { baseline, candidate } = scaleRuns(metric, from, to, Infinity)
  const { toShift, toEffect } = SCALES[metric.scale]
  return {
    from: baseline.map((value) => sign * value),
    to: candidate.map((value) => sign * value),
    toWorse: { margin: toShift(metric.margin), effect: (shift: number) => toEffect(sign * shift) }
  }
}

function unknown(component: Component, lopsided: number): ComponentTest {
  return {
    ...{ component, lopsided, baseline: null, candidate: null, count: 0, estimate: NaN, spread: null },
    ...{ isUnsized: false, isBeyond: false, isMore: false, holds: false, differences: [] },
    ...{ worseP: 1, leastP: 1, betterP: () => 1, isFirmlyBeyond: () => false, limit: () => null }
  }
}

export function describeComponent(
  test: ComponentTest,
  verdict: CriterionVerdict,
  isBetter: boolean
): ComponentResult {
  const { component, baseline, candidate, count, estimate, isUnsized, worseP } = test
  const { metric, unit } = component
  const { name, scale, direction, margin } = metric
  // A change from never, or from or to 0, has no size.
  const isUnknown = verdict !== 'worse' && baseline === Infinity
  const isFromNever = estimate === (scale === 'ratio' ? 0 : -Infinity)
  return {
    ...{ metric: name, unit, scale, direction, margin, verdict, isBetter, worseP },
    baseline: told(baseline),
    candidate: told(candidate),
    estimate: told(isUnknown || isFromNever || isUnsized || Number.isNaN(estimate) ? null : estimate),
    limit: told(isUnknown || isUnsized ? null : test.limit()),
    spread: test.spread,
    count
  }
}

/** JSON has no infinity. */
const told = (value: number | null): number | 'never' | null => (value === Infinity ? 'never' : value)
