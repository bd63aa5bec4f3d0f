/** The first bad build is found in few questions, and never claimed where it cannot be known. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { bisect } from './bisection'

describe('a bisection', () => {
  it('finds the first bad of any row, with log2 of its length questions', async () => {
    const row = fc
      .integer({ min: 2, max: 200 })
      .chain((count) => fc.tuple(fc.constant(count), fc.integer({ min: 1, max: count - 1 })))
    await fc.assert(
      fc.asyncProperty(row, async ([count, first]) => {
        let asked = 0
        const found = await bisect(count, (index) => {
          asked++
          return Promise.resolve(index < first ? 'good' : 'bad')
        })
        assert.deepEqual(found, { good: first - 1, bad: first, unclear: [] })
        assert.ok(asked <= Math.ceil(Math.log2(count - 1)))
      })
    )
  })

  it('asks the neighbours of what is unclear, and names all that may be the first', async () => {
    const row = fc
      .array(fc.boolean(), { minLength: 1, maxLength: 30 })
      .chain((unclear) =>
        fc.tuple(fc.constant([false, ...unclear, false]), fc.integer({ min: 1, max: unclear.length + 1 }))
      )
    await fc.assert(
      fc.asyncProperty(row, async ([unclear, first]) => {
        const {
          good,
          bad,
          unclear: left
        } = await bisect(unclear.length, (index) =>
          Promise.resolve(unclear[index]! ? 'unclear' : index < first ? 'good' : 'bad')
        )
        assert.ok(good < first && first <= bad)
        assert.equal(left.length, bad - good - 1)
        assert.ok(left.every((index) => unclear[index]))
      })
    )
  })
})
