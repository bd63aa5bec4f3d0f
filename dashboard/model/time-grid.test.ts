import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CAPACITY, TimeGrid } from './time-grid'

const WEEK = 604_800_000

it('A time grid holds the longest test', () => {
  const grid = new TimeGrid(1e12)
  assert.ok(grid.bucketOf(1e12 + WEEK) < CAPACITY)
  assert.ok(grid.width < WEEK / 250)
})

for (const at of [Infinity, NaN, 9.9e12, 0])
  it(`A time grid ignores ${at}, which no clock of the test has shown`, () => {
    const grid = new TimeGrid(1e12)
    assert.equal(grid.bucketOf(at), -1)
    grid.spread(at, at + 1000, () => {
      assert.fail('no bucket is that late')
    })
    assert.equal(grid.width, 2000)
  })

for (const [from, until] of [
  [1e12 - 3000, 1e12 - 1],
  [1e12 + 100, 1e12 + 100]
] as const)
  it(`A time grid has no share of ${from} to ${until}`, () => {
    new TimeGrid(1e12).spread(from, until, () => {
      assert.fail('it is before the test, or has no length')
    })
  })
