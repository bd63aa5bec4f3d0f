import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { peerIdOf, Random } from './randomness'

describe('randomness', () => {
  it('gives equal sequences for equal seeds, and different ones for different streams', () => {
    const draw = (...stream: number[]) => {
      const random = new Random(9, ...stream)
      return Array.from({ length: 10 }, () => random.uniform(0, 1))
    }
    assert.deepEqual(draw(1, 2), draw(1, 2))
    assert.notDeepEqual(draw(1, 2), draw(1, 3))
    assert.notDeepEqual(draw(1, 2), draw(2, 2))
  })

  it('draws numbers evenly within their bounds', () => {
    const random = new Random(1)
    const values = Array.from({ length: 10_000 }, () => random.uniform(10, 20))
    assert.ok(Math.min(...values) >= 10 && Math.max(...values) < 20)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    assert.ok(Math.abs(mean - 15) < 0.15, `${mean}`)
  })

  it('makes ids of the requested length and shape, the same each time', () => {
    const anything = fc.tuple(
      fc.nat(0xffffffff),
      fc.nat(20_000),
      fc.nat(100),
      fc.integer({ min: 10, max: 64 })
    )
    fc.assert(
      fc.property(anything, ([seed, number, incarnation, length]) => {
        const id = peerIdOf(seed, number, incarnation, length)
        assert.match(id, /^0x[0-9a-f]+$/)
        assert.equal(id.length, length)
        assert.equal(id, peerIdOf(seed, number, incarnation, length))
      })
    )
  })

  it('never gives two peers of a test one id', () => {
    const ids = new Set<string>()
    for (let number = 0; number < 20_000; number++) ids.add(peerIdOf(3, number, 0, 10))
    assert.equal(ids.size, 20_000)
  })

  it('gives a returning peer another id', () => {
    assert.notEqual(peerIdOf(3, 1, 0, 42), peerIdOf(3, 1, 1, 42))
    assert.notEqual(peerIdOf(3, 1, 0, 42, 'a'), peerIdOf(3, 1, 0, 42))
    assert.notEqual(peerIdOf(3, 1, 0, 42, 'a'), peerIdOf(3, 1, 0, 42, 'b'))
    assert.equal(peerIdOf(3, 1, 0, 42, 'a'), peerIdOf(3, 1, 0, 42, 'a'))
  })
})
