import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { Place } from '../../protocol/list-cursor'
import { TestOrder } from './test-order'

it('gives each remaining test once, whatever is created and deleted between two pages', () => {
  const steps = fc.array(
    fc.tuple(fc.constantFrom('create', 'delete', 'page'), fc.integer({ min: 0, max: 8 }))
  )
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 4 }), (drawn, limit) => {
      const order = new TestOrder()
      const first = Array.from({ length: 9 }, (_, i): Place => ({ id: `t${i}`, createdAt: i % 4 }))
      order.fill(first)
      const alive = new Set(first.map(({ id }) => id))
      const seen: string[] = []
      let cursor: Place | undefined
      const turn = () => {
        const page = order.page(limit, cursor)
        seen.push(...page.places.map(({ id }) => id))
        cursor = page.places.at(-1) ?? cursor
        return page.isLast
      }
      for (const [index, [what, number]] of drawn.entries()) {
        if (what === 'create') order.add({ id: `new${index}`, createdAt: 10 + number })
        else if (what === 'page') turn()
        else if (alive.delete(`t${number}`)) order.remove(`t${number}`)
      }
      while (!turn());
      assert.equal(new Set(seen).size, seen.length, 'none twice')
      for (const id of alive) assert.ok(seen.includes(id), id)
    })
  )
})

it('puts the newest first, and those of the same time by id', () => {
  const order = new TestOrder()
  for (const [id, createdAt] of [
    ['b', 1],
    ['c', 2],
    ['a', 1]
  ] as const)
    order.add({ id, createdAt })
  assert.deepEqual(
    order.page(9).places.map(({ id }) => id),
    ['c', 'a', 'b']
  )
})
