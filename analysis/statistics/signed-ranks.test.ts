import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assertClose } from '../testing/assert-close'
import {
  flipDistribution,
  flipOneMore,
  flipTails,
  inLargestUnit,
  positiveSum,
  signedRankWeights
} from './signed-ranks'
import { walshAverages } from './sign-flip'

const someWeights = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 8 })

describe('the distribution of sums under sign flips', () => {
  it('is that of the enumeration of all flips', () =>
    fc.assert(
      fc.property(someWeights, (weights) =>
        assert.deepEqual([...flipDistribution(Int32Array.from(weights))], byEnumeration(weights))
      )
    ))

  it('grows in place by one value', () =>
    fc.assert(
      fc.property(someWeights, fc.integer({ min: 0, max: 9 }), (weights, another) => {
        const before = byEnumeration(weights)
        const probability = Float64Array.from([...before, ...new Array<number>(another).fill(0)])
        assert.equal(flipOneMore(probability, before.length, another), before.length + another)
        assert.deepEqual([...probability], byEnumeration([...weights, another]))
      })
    ))
})

describe('weights in their largest unit', () => {
  for (const [weights, expected] of [
    [
      [2, 4, 6],
      [1, 2, 3]
    ],
    [
      [7, 0, 7],
      [1, 0, 1]
    ],
    [
      [2, 5, 8],
      [2, 5, 8]
    ],
    [
      [0, 0],
      [0, 0]
    ],
    [[], []]
  ] as const) {
    it(`are ${expected.join(', ') || 'none'} for ${weights.join(', ') || 'none'}`, () =>
      assert.deepEqual([...inLargestUnit(Int32Array.from(weights))], expected))
  }
})

it('both tails count the observed sum: together they exceed one by its probability', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 8 }), (values) => {
      const { positive, negative } = flipTails(values)
      const mirrored = flipTails(values.map((value) => -value))
      assert.deepEqual([mirrored.positive, mirrored.negative], [negative, positive])
      assert.ok(positive + negative >= 1 - 1e-12)
    })
  )
  // 2⁻³ for all three signs alike; the other tail is everything.
  assertClose(flipTails([1, 2, 3]).positive, 1 / 8)
  assertClose(flipTails([1, 2, 3]).negative, 1)
})

it('counts the averages of two changes above zero, also where blocks without a change make them', () => {
  const changes = [0, 0, 0, -1, 1, -2, 3, 3]
  const weights = signedRankWeights(changes)
  const above = (values: readonly number[]) => walshAverages(values).filter((each) => each > 0).length
  const mirrored = changes.map((each) => -each)
  assert.equal(
    positiveSum(changes, weights) - positiveSum(mirrored, weights),
    2 * (above(changes) - above(mirrored))
  )
})

function byEnumeration(weights: readonly number[]): number[] {
  const probability = new Array<number>(weights.reduce((sum, weight) => sum + weight, 1)).fill(0)
  for (let pattern = 0; pattern < 2 ** weights.length; pattern++) {
    const sum = weights.reduce((total, weight, index) => total + ((pattern >> index) & 1) * weight, 0)
    probability[sum]! += 1 / 2 ** weights.length
  }
  return probability
}
