import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { balancedOrder } from './order'

describe('balanced order', () => {
  it('alternates two builds', () =>
    assert.deepEqual(balancedOrder(2, 4), [
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 0]
    ]))

  it('handles one build, and no blocks', () => {
    assert.deepEqual(balancedOrder(1, 2), [[0], [0]])
    assert.deepEqual(balancedOrder(3, 0), [])
  })

  for (const builds of [2, 3, 4, 5, 6, 9]) {
    const cycle = builds % 2 === 0 ? builds : 2 * builds
    const orders = balancedOrder(builds, cycle)
    const times = cycle / builds

    it(`runs each of ${builds} builds once a block`, () => {
      for (const order of orders)
        assert.deepEqual(
          [...order].sort(),
          Array.from({ length: builds }, (_, build) => build)
        )
    })

    it(`puts each of ${builds} builds equally often in each place`, () => {
      const seen = orders.flatMap((order) => order.map((build, place) => `${build} at ${place}`))
      assert.deepEqual(countsOf(seen), new Array(builds * builds).fill(times))
    })

    it(`lets each of ${builds} builds follow each other one equally often`, () => {
      const seen = orders.flatMap((order) =>
        order.slice(1).map((build, place) => `${build} after ${order[place]!}`)
      )
      assert.deepEqual(countsOf(seen), new Array(builds * (builds - 1)).fill(times))
    })

    it(`reverses each order of ${builds} builds in the next block`, () => {
      for (let block = 0; block < orders.length - 1; block += 2) {
        assert.deepEqual(orders[block + 1], [...orders[block]!].reverse())
      }
    })
  }
})

function countsOf(items: string[]): number[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return [...counts.values()]
}
