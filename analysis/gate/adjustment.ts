/** Adjusts the p-values of the gate's metrics, so that all of them together keep one false-alarm rate. */
import { ALPHA } from '../statistics/shift'
import type { StabilityTest } from './attempts'
import type { BlockLook, ComponentTest } from './measured'

export type Test = StabilityTest | ComponentTest[]

/** With fewer blocks, Bonferroni's adjustment could never find anything worse. No look precedes others. */
const LOOKS_FROM_BLOCKS = 8
/** The joint test's flips double with each block; with more, the other has power enough. */
const JOINT_UP_TO_BLOCKS = 12
/** Share of the level reserved for stability when the other criteria are tested jointly. */
const STABILITY_SHARE = 0.2

/**
 * The tests with their one-sided p-values adjusted together; 1 if above the level. The joint test of few
 * blocks is for the only look there is: later ones would not know what it has spent.
 * @param share of the false alarms that these tests may raise
 */
export function adjusted(
  tests: readonly Test[],
  blocks: number,
  looks: readonly BlockLook[],
  share: number
): Test[] {
  const [look] = looks
  const isOnly = looks.length === 1 && (look!.spent === 1 || look!.blocks < LOOKS_FROM_BLOCKS)
  const p =
    isOnly && blocks <= JOINT_UP_TO_BLOCKS
      ? adjustedJointly(tests, look!.spent, ALPHA * share)
      : adjustedApart(tests.map(findable))
  const withP = <T extends { worseP: number }>(test: T, own: number): T => {
    return { ...test, worseP: own / share > ALPHA ? 1 : own / share }
  }
  return tests.map((test, index) => {
    const own = p[index]!
    return Array.isArray(test) ? test.map((each, at) => withP(each, own[at]!)) : withP(test, own[0]!)
  })
}

/**
 * What could not have been found worse, whatever the signs, is infinite and takes nothing from the others
 * (Tarone 1990): metrics that are equal in every block.
 */
const findable = (test: Test) =>
  [test].flat().map(({ leastP, worseP }) => (leastP > ALPHA ? Infinity : worseP))

/**
 * Of each criterion's metrics by Hochberg's adjustment (1988), of the criteria by Bonferroni's: a metric is
 * not called worse because another of its criterion is. Hochberg's is valid for metrics that rise and fall
 * together, such as percentiles of one distribution, or packets and bytes (Sarkar 1998).
 */
export function adjustedApart(pValues: readonly (readonly number[])[]): number[][] {
  const criteria = Math.max(1, pValues.filter((own) => own.some(Number.isFinite)).length)
  return pValues.map((own) => own.map((p) => Math.min(1, criteria * hochberg(p, own))))
}

function hochberg(p: number, among: readonly number[]): number {
  const higherThan = (value: number) => among.filter((each) => Number.isFinite(each) && each > value).length
  return Math.min(...among.filter((each) => each >= p).map((each) => each * (1 + higherThan(each))))
}

/**
 * For few blocks: all metrics with joint flips at four fifths of the level, and stability at the remaining
 * fifth (weighted Holm).
 * @param spent share of the level at the only look; stability's own p-value knows it
 */
function adjustedJointly(tests: readonly Test[], spent: number, level: number): number[][] {
  const stability = tests.find((test): test is StabilityTest => !Array.isArray(test))
  const measured = tests.flatMap((test) => (Array.isArray(test) ? test : []))
  const p = jointFlips(measured.map(({ differences }) => differences))
  // Once stability is found worse, its share of the level goes to the others.
  const isShared = stability !== undefined && stability.worseP / STABILITY_SHARE > level
  const ownShare = isShared ? 1 - STABILITY_SHARE : 1
  return tests.map((test) => {
    if (!Array.isArray(test)) return [test.worseP / STABILITY_SHARE]
    return test.map((each) => p[measured.indexOf(each)]! / spent / ownShare)
  })
}

/**
 * Tests several metrics of few blocks together (Westfall & Young 1993, step-down maxT): each flip swaps a
 * block's builds for all metrics at once. Holm's adjustment multiplies each p-value, and with 5 blocks even
 * the smallest, 1/32, then exceeds 5%; here it stays 1/32 if no flip gives another metric as large a change.
 * The statistic is Σd ÷ √Σd²: the same for a change of any size that repeats in every block, lower for noise.
 *
 * @param columns each metric's changes by block: positive if the candidate is worse, 0 or empty if unknown
 * @returns adjusted one-sided p-values, in the order given; exact if swapping the builds of a block changes
 * nothing but the signs of its differences
 */
function jointFlips(columns: readonly (readonly number[])[]): number[] {
  const blocks = Math.max(0, ...columns.map(({ length }) => length))
  const scaled = columns.map(unitLength)
  const observed = scaled.map((column) => sumOf(column, 0))
  const order = observed.map((_, index) => index).sort((a, b) => observed[b]! - observed[a]!)
  const atLeast = new Array<number>(columns.length).fill(0)
  for (let flip = 0; flip < 2 ** blocks; flip++) {
    let largest = -Infinity
    for (let step = order.length - 1; step >= 0; step--) {
      const metric = order[step]!
      largest = Math.max(largest, sumOf(scaled[metric]!, flip))
      if (largest >= observed[metric]! - 1e-9) atLeast[step]!++
    }
  }
  const adjusted = new Array<number>(columns.length)
  let largestSoFar = 0
  order.forEach((metric, step) => {
    largestSoFar = Math.max(largestSoFar, atLeast[step]! / 2 ** blocks)
    adjusted[metric] = largestSoFar
  })
  return adjusted
}

/** An infinite difference (a message that never arrives) counts as ten times the largest finite one. */
function unitLength(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite).map(Math.abs)
  const stand = 10 * Math.max(...finite, 1e-9)
  const bounded = values.map((value) => (Number.isFinite(value) ? value : Math.sign(value) * stand))
  const length = Math.hypot(...bounded)
  return length === 0 ? bounded : bounded.map((value) => value / length)
}

/** Σ of the values, with the sign of each value changed if its bit in `flip` is set. */
function sumOf(values: readonly number[], flip: number): number {
  return values.reduce((sum, value, index) => ((flip >> index) & 1 ? sum - value : sum + value), 0)
}
