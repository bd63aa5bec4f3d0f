import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { gini } from './mesh-summary'

test('known inequalities', () => {
  assert.equal(gini([]), null)
  assert.equal(gini([0, 0]), null)
  assert.equal(gini([5, 5, 5, 5]), 0)
  assert.equal(gini([0, 0, 0, 8]), 0.75)
  assert.equal(gini([1, 3]), 0.25)
})

test('it is half the mean difference of all pairs ÷ the mean, whatever the unit', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }), (amounts) => {
      const total = amounts.reduce((sum, amount) => sum + amount, 0)
      fc.pre(total > 0)
      const differences = amounts.flatMap((a) => amounts.map((b) => Math.abs(a - b)))
      const expected = differences.reduce((sum, each) => sum + each, 0) / (2 * amounts.length * total)
      assert.ok(Math.abs(gini(amounts)! - expected) < 1e-12)
      assert.ok(Math.abs(gini(amounts.map((amount) => 7 * amount))! - expected) < 1e-12)
    })
  ))
