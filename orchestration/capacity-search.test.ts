import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { mostThatHolds } from './capacity-search'

async function search(
  capacity: number,
  start: number,
  limit: number,
  least?: number
): Promise<{ found: number; tried: number[] }> {
  const tried: number[] = []
  const holds = (amount: number) => {
    tried.push(amount)
    return Promise.resolve(amount <= capacity)
  }
  return { found: await mostThatHolds(holds, { start, limit, least }), tried }
}

describe('the search for the most that holds', () => {
  it('doubles, then halves the gap', async () =>
    assert.deepEqual(await search(21, 4, 100), { found: 20, tried: [4, 8, 16, 32, 24, 20, 22] }))

  it('ends at the limit if everything passes', async () =>
    assert.deepEqual(await search(1000, 10, 25), { found: 25, tried: [10, 20, 25] }))

  it('goes down if the start is too much, and finds 0 if nothing passes', async () => {
    assert.equal((await search(3, 8, 100)).found, 3)
    assert.equal((await search(0, 8, 100)).found, 0)
  })

  it('tries no less than is worth trying', async () => {
    for (const capacity of [0, 1])
      assert.deepEqual(await search(capacity, 6, 9, 2), { found: 0, tried: [6, 3, 2] })
    assert.equal((await search(2, 6, 9, 2)).found, 2)
  })

  it('is accurate to a tenth, whatever the machine carries', async () => {
    const number = fc.integer({ min: 1, max: 300 })
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 300 }), number, number, async (capacity, start, limit) => {
        const { found, tried } = await search(capacity, start, limit)
        const most = Math.min(capacity, limit)
        assert.ok(found <= most && most - found <= Math.max(0, found * 0.1), `${found} of ${most}`)
        assert.ok(tried.length <= 20 && tried.every((amount) => amount >= 1 && amount <= limit))
      })
    )
  })
})
