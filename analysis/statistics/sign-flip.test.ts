import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ALPHA } from './shift'
import { signedRankDistribution, signFlipTest, walshAverages } from './sign-flip'
import { assertClose } from '../testing/assert-close'

/** Ordinary sizes, some of them equal. */
const finite = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((value) => Number(value.toFixed(6)))
)

describe('sign-flip test', () => {
  it('agrees with a published example', () => {
    // Hamilton depression scale before and after a tranquilliser: Hollander, Wolfe & Chicken (2014), table
    // 3.1: p = 0.0195 one-sided, estimate −0.46, 96.1% interval from −0.786 to −0.010.
    const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
    const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    const { estimate, interval, p } = signFlipTest(before.map((value, patient) => after[patient]! - value))
    assertClose(p, 0.0390625)
    assertClose(estimate, -0.46)
    assertClose(interval?.low, -0.786)
    assertClose(interval?.high, -0.01)
    assertClose(interval?.confidence, 0.9609375)
  })

  it('averages all pairs', () => assert.deepEqual([...walshAverages([1, 2, 6])], [1, 1.5, 3.5, 2, 4, 6]))

  // Largest signed-rank statistic that is significant at 5% two-sided, from the tables (Wilcoxon & Wilcox
  // 1964).
  for (const [blocks, critical] of [
    [6, 0],
    [7, 2],
    [8, 3],
    [9, 5],
    [10, 8],
    [12, 13],
    [15, 25],
    [20, 52]
  ] as const) {
    it(`has the tabulated critical value ${critical} for ${blocks} blocks`, () => {
      const tail = (count: number) =>
        2 *
        signedRankDistribution(blocks)
          .slice(0, count + 1)
          .reduce((a, b) => a + b, 0)
      assert.ok(tail(critical) < ALPHA)
      assert.ok(tail(critical + 1) >= ALPHA)
    })
  }

  for (const [blocks, p, confidence] of [
    [1, 1, null],
    [3, 0.25, null],
    [5, 0.0625, null],
    [6, 0.03125, 0.96875],
    [7, 0.015625, 0.953125]
  ] as const) {
    it(`reaches p = ${p} at best with ${blocks} blocks, ${confidence === null ? 'no' : 'an'} interval`, () => {
      const result = signFlipTest(Array.from({ length: blocks }, (_, block) => 1 + block))
      assertClose(result.p, p)
      assert.equal(result.interval?.confidence ?? null, confidence)
    })
  }

  it('has its widest interval, from the smallest to the largest difference, at 6 blocks', () => {
    const { interval } = signFlipTest([0.3, -0.1, 0.2, 0.05, 0.4, 0.25])
    assert.deepEqual(interval, { low: -0.1, high: 0.4, confidence: 0.96875 })
  })

  it('finds no difference if no block has one', () =>
    assert.deepEqual(signFlipTest([0, 0, 0, 0, 0, 0]), {
      estimate: 0,
      interval: { low: 0, high: 0, confidence: 0.96875 },
      p: 1
    }))

  it('counts equal differences as evidence', () =>
    assertClose(signFlipTest([0.1, 0.1, 0.1, 0.1, 0.1, 0.1]).p, 0.03125))

  it('gives the same p-value as the enumeration of all sign flips', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 9 })
    fc.assert(
      fc.property(distinct, fc.infiniteStream(fc.boolean()), (sizes, signs) => {
        const differences = sizes.map((size) => (signs.next().value ? size : -size))
        assertClose(signFlipTest(differences).p, pByEnumeration(differences, ranksOfSizes(differences)))
      })
    )
  })

  it('rejects in the same cases as flipping the raw differences, at 6 blocks', () =>
    fc.assert(
      fc.property(fc.array(finite, { minLength: 6, maxLength: 6 }), (values) => {
        const differences = values.map((value) => (value === 0 ? 1 : value))
        const sizes = differences.map(Math.abs)
        assert.equal(signFlipTest(differences).p < ALPHA, pByEnumeration(differences, sizes) < ALPHA)
      })
    ))
})

function ranksOfSizes(differences: number[]): number[] {
  return differences.map((one) => differences.filter((other) => Math.abs(other) <= Math.abs(one)).length)
}

/** Share of the 2ⁿ sign patterns whose sum of weights is at least as far from zero as the observed one. */
function pByEnumeration(differences: number[], weights: number[]): number {
  const seen = differences.reduce(
    (sum, difference, block) => sum + Math.sign(difference) * weights[block]!,
    0
  )
  let asExtreme = 0
  for (let pattern = 0; pattern < 2 ** weights.length; pattern++) {
    const sum = weights.reduce(
      (total, weight, block) => total + ((pattern >> block) & 1 ? weight : -weight),
      0
    )
    if (Math.abs(sum) >= Math.abs(seen) - 1e-9) asExtreme++
  }
  return asExtreme / 2 ** weights.length
}
