import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { holm } from './holm'
import { assertClose } from '../testing/assert-close'

describe('Holm adjustment', () => {
  for (const [name, pValues, expected] of [
    ['of nothing is nothing', [], []],
    ['of one p-value changes nothing', [0.04], [0.04]],
    ['multiplies the smallest by the count, the next by one less', [0.01, 0.02, 0.9], [0.03, 0.04, 0.9]],
    ['never lets a larger p-value come out smaller', [0.01, 0.02, 0.03, 0.04], [0.04, 0.06, 0.06, 0.06]],
    ['keeps the order given', [0.04, 0.01, 0.03], [0.06, 0.03, 0.06]],
    ['stops at one', [0.6, 0.7], [1, 1]]
  ] as const) {
    it(name, () => {
      const adjusted = holm(pValues)
      assert.equal(adjusted.length, expected.length)
      adjusted.forEach((p, index) => assertClose(p, expected[index]!))
    })
  }

  it('is never below the p-value itself, and the smallest is Bonferroni’s', () => {
    const probabilities = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 1,
      maxLength: 12
    })
    fc.assert(
      fc.property(probabilities, (pValues) => {
        const adjusted = holm(pValues)
        assert.ok(adjusted.every((p, index) => p >= pValues[index]!))
        assertClose(Math.min(...adjusted), Math.min(1, pValues.length * Math.min(...pValues)))
      })
    )
  })
})
