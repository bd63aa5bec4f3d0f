/** Adjusts the p-values of the gate's criteria, so that all of them together keep one false-alarm rate. */
import { holm } from '../statistics/holm'
import { jointFlips } from '../statistics/joint-flips'
import { ALPHA } from '../statistics/shift'
import type { StabilityTest } from './attempts'
import type { BlockLook, ComponentTest } from './measured'

export type Test = StabilityTest | ComponentTest[]

/** With fewer complete blocks, Holm's adjustment could never find anything worse. */
const HOLM_FROM_BLOCKS = 8
/** Share of the level reserved for stability when the other criteria are tested jointly. */
const STABILITY_SHARE = 0.2

/**
 * One-sided p-values of the criteria, adjusted together. The joint test of few blocks knows of a single look,
 * which may spend less than the whole level. By Holm's adjustment, what could not have been found worse,
 * whatever the signs, takes nothing from the others (Tarone 1990): metrics that are equal in every block.
 */
export function adjusted(tests: readonly Test[], blocks: number, looks: readonly BlockLook[]): number[] {
  if (blocks < HOLM_FROM_BLOCKS && looks.length === 1) return adjustedJointly(tests, looks[0]!.spent)
  const pValues = tests.map((test) =>
    [test].flat().flatMap(({ leastP, worseP }) => (leastP > ALPHA ? [] : [worseP]))
  )
  const p = holm(pValues.filter(({ length }) => length > 0).map(simes))
  let next = 0
  return pValues.map(({ length }) => (length > 0 ? p[next++]! : 1))
}

/**
 * Combines several metrics of one criterion. Valid for metrics that rise and fall together, such as
 * percentiles of one distribution, or packets and bytes (Simes 1986; Sarkar 1998).
 */
export function simes(pValues: readonly number[]): number {
  const sorted = [...pValues].sort((a, b) => a - b)
  return Math.min(1, ...sorted.map((p, index) => (p * sorted.length) / (index + 1)))
}

/**
 * For few blocks: all metrics with joint flips at four fifths of the level, and stability at the remaining
 * fifth (weighted Holm).
 * @param spent share of the level at the only look; stability's own p-value knows it
 */
function adjustedJointly(tests: readonly Test[], spent: number): number[] {
  const stability = tests.find((test): test is StabilityTest => !Array.isArray(test))
  const measured = tests.flatMap((test) => (Array.isArray(test) ? test : []))
  const length = Math.max(0, ...measured.map(({ differences }) => differences.length))
  const p = jointFlips(
    measured.map(({ differences }) =>
      differences.length > 0 ? differences : new Array<number>(length).fill(0)
    )
  )
  // Once stability is found worse, its share of the level goes to the others.
  const isShared = stability !== undefined && stability.worseP / STABILITY_SHARE > ALPHA
  const share = isShared ? 1 - STABILITY_SHARE : 1
  return tests.map((test) => {
    if (!Array.isArray(test)) return Math.min(1, test.worseP / STABILITY_SHARE)
    return Math.min(1, ...test.map((each) => p[measured.indexOf(each)]! / spent / share))
  })
}
