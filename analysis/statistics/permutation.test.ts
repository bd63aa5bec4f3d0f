import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { permutationTest, rankSumDistribution } from './permutation'
import { ALPHA } from './shift'
import { assertClose } from '../testing/assert-close'

describe('permutation test', () => {
  it('agrees with a published example', () => {
    // Permeability of human chorioamnion at term and earlier: Hollander, Wolfe & Chicken (2014), table 4.1: p
    // = 0.1272 one-sided, estimate 0.305, 96% interval from −0.15 to 0.76.
    const atTerm = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const earlier = [1.15, 0.88, 0.9, 0.74, 1.21]
    const { estimate, interval, p } = permutationTest(earlier, atTerm)
    assertClose(p, 0.2544122544122544)
    assertClose(estimate, 0.305)
    assertClose(interval?.low, -0.15)
    assertClose(interval?.high, 0.76)
  })

  // Largest U that is significant at 5% two-sided, from the tables (Mann & Whitney 1947; Owen 1962).
  for (const [m, n, critical] of [
    [4, 4, 0],
    [5, 5, 2],
    [6, 6, 5],
    [5, 8, 6],
    [8, 8, 13],
    [10, 10, 23],
    [20, 20, 127]
  ] as const) {
    it(`has the tabulated critical value ${critical} for ${m} against ${n} runs`, () => {
      const tail = (count: number) =>
        2 *
        rankSumDistribution(m, n)
          .slice(0, count + 1)
          .reduce((a, b) => a + b, 0)
      assert.ok(tail(critical) < ALPHA)
      assert.ok(tail(critical + 1) >= ALPHA)
    })
  }

  for (const [m, n, enough] of [
    [3, 3, false],
    [3, 4, false],
    [4, 4, true],
    [3, 5, true],
    [2, 7, false],
    [2, 8, true],
    [1, 30, false]
  ] as const) {
    it(`${enough ? 'can' : 'cannot'} reach significance with ${m} against ${n} runs`, () => {
      const numbers = Array.from({ length: m + n }, (_, index) => index)
      const { p, interval } = permutationTest(numbers.slice(0, m), numbers.slice(m))
      assert.equal(p < ALPHA, enough)
      assert.equal(interval !== null, enough)
    })
  }

  it('has a shift although some values were never reached, in both sets', () => {
    const { estimate, interval } = permutationTest(
      [1, 2, 3, 4, 5, Infinity],
      [2, 3, 4, 5, Infinity, Infinity]
    )
    assert.equal(estimate, 1)
    assert.deepEqual([interval?.low, interval?.high], [-2, Infinity])
  })

  it('gives the same p-value as the enumeration of all divisions', () => {
    const pooled = fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(pooled, fc.nat(), (values, cut) => {
        const m = 1 + (cut % (values.length - 1))
        assertClose(permutationTest(values.slice(0, m), values.slice(m)).p, pByEnumeration(values, m))
      })
    )
  })

  it('keeps a symmetric distribution that sums to one with many runs', () => {
    const distribution = rankSumDistribution(60, 60)
    assertClose(
      distribution.reduce((sum, probability) => sum + probability, 0),
      1
    )
    assert.ok(
      distribution.every((probability, u) => probability > 0 && probability === distribution[3600 - u])
    )
  })
})

/**
 * Share of the ways to choose m of the values whose rank sum is at least as far from the middle as that of
 * the first m.
 */
function pByEnumeration(values: number[], m: number): number {
  const ranks = values.map((one) => values.filter((other) => other <= one).length)
  const middle = (m * (values.length + 1)) / 2
  const distance = (chosen: number[]) => Math.abs(chosen.reduce((sum, rank) => sum + rank, 0) - middle)
  const divisions = subsetsOf(ranks, m)
  return (
    divisions.filter((chosen) => distance(chosen) >= distance(ranks.slice(0, m))).length / divisions.length
  )
}

function subsetsOf(items: number[], size: number): number[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, index) =>
    subsetsOf(items.slice(index + 1), size - 1).map((rest) => [item, ...rest])
  )
}
