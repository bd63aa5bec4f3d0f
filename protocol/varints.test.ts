import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeAscending, decodeVarints, encodeAscending, encodeVarints } from './varints'

const unsigned = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.constantFrom(0, 127, 128, 16_383, 16_384, Number.MAX_SAFE_INTEGER)
)

describe('varints', () => {
  it('come back as they were', () =>
    fc.assert(
      fc.property(fc.array(unsigned), (values) =>
        assert.deepEqual(decodeVarints(encodeVarints(values)), values)
      )
    ))

  it('are LEB128 in base64', () => {
    // 300 is AC 02 (https://protobuf.dev/programming-guides/encoding/#varints).
    assert.equal(encodeVarints([1, 300]), Buffer.from([0x01, 0xac, 0x02]).toString('base64'))
    assert.equal(encodeVarints([]), '')
  })

  it('encode many', () => {
    const values = Array.from({ length: 100_000 }, (_, index) => index)
    assert.deepEqual(decodeVarints(encodeVarints(values)), values)
  })

  for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53])
    it(`refuse ${value}`, () => assert.throws(() => encodeVarints([value]), RangeError))

  for (const [name, text] of [
    ['is not base64', 'a*b'],
    ['ends in mid-number', Buffer.from([0x80]).toString('base64')],
    ['holds more than 2^53', Buffer.from([...Array<number>(8).fill(0xff), 0x7f]).toString('base64')],
    ['has a number of endless zeros', Buffer.from([...Array<number>(200).fill(0x80), 0]).toString('base64')]
  ] as const)
    it(`refuse a text that ${name}`, () => assert.throws(() => decodeVarints(text), RangeError))

  it('throw nothing but RangeError, whatever the text', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        try {
          decodeVarints(text)
        } catch (error) {
          assert.ok(error instanceof RangeError)
        }
      })
    ))
})

describe('ascending instants', () => {
  it('come back in whole units, without drift', () => {
    const steps = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 200 })
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), steps, (origin, gaps) => {
        let at = origin
        const instants = gaps.map((gap) => (at += gap))
        assert.deepEqual(decodeAscending(encodeAscending(instants, origin), origin), instants.map(Math.floor))
      })
    )
  })

  it('refuse to descend', () => assert.throws(() => encodeAscending([5, 4], 0), RangeError))
})
