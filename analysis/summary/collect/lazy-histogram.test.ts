import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../../../protocol/histogram'
import { LazyHistogram } from './lazy-histogram'

test('however many parts come, they add up to all values', () =>
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(1e6), { maxLength: 4 }), { maxLength: 200 }), (parts) => {
      const lazy = new LazyHistogram()
      const all = new Histogram()
      for (const values of parts) {
        const part = new Histogram()
        for (const value of values) {
          part.record(value)
          all.record(value)
        }
        lazy.add(part.encode())
      }
      assert.equal(lazy.merged().encode(), all.encode())
    })
  ))

test('unreadable data is reported each time it is asked for', () => {
  const lazy = new LazyHistogram()
  for (let i = 0; i < 100; i++) lazy.add('gA==')
  for (let read = 0; read < 2; read++) {
    assert.equal(lazy.merged().count, 0)
    assert.equal(lazy.isUnreadable, true)
  }
})
