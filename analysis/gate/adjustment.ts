/** Adjusts the p-values of the gate's metrics, so that all of them together keep one false-alarm rate. */
import { jointFlips } from '../statistics/joint-flips'
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
