import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { datagramsBefore } from './loss-draws'

describe('the datagrams before a test', () => {
  it('are the same for the same seed and tab', () =>
    assert.equal(datagramsBefore(7, 0), datagramsBefore(7, 0)))

  it('spread over the whole range, for seeds as for tabs', () => {
    const numbers = Array.from({ length: 200 }, (_, number) => number)
    for (const drawn of [
      numbers.map((seed) => datagramsBefore(seed, 0)),
      numbers.map((tab) => datagramsBefore(5, tab))
    ]) {
      assert.ok(new Set(drawn).size > 150, `${new Set(drawn).size} different numbers`)
      assert.ok(Math.min(...drawn) < 50 && Math.max(...drawn) > 950)
      assert.ok(drawn.every((count) => count >= 0 && count < 1000))
    }
  })
})
