import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { sequentialP } from './sequential'

describe('A p-value over several looks', () => {
  const looks = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 3, max: 9 }), fc.double({ min: 0.05, max: 1, noNaN: true })), {
      selector: ([count]) => count,
      minLength: 2,
      maxLength: 5
    })
    .map((parts) => {
      const counts = parts.map(([count]) => count).sort((a, b) => a - b)
      const spent = parts.map(([, share]) => share).sort((a, b) => a - b)
      return counts.map((count, index) => ({ count, spent: index < counts.length - 1 ? spent[index]! : 1 }))
    })
  const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 9, maxLength: 9 })

  it('is a or less with a probability of at most a, for each a: all signs tried', () => {
    fc.assert(
      fc.property(looks, sizes, (looks, sizes) => {
        const values = Array.from({ length: 2 ** sizes.length }, (_, signs) =>
          sequentialP(
            sizes.map((size, index) => (signs & (1 << index) ? size : -size)),
            looks
          )
        ).sort((a, b) => a - b)
        values.forEach((p, index) => assert.ok((index + 1) / values.length <= p * (1 + 1e-6), `${p}`))
      }),
      { numRuns: 20 }
    )
  })
})
