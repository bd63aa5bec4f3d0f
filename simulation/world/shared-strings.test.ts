import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs/minimal'
import { shareStrings } from './shared-strings'
import { anyText } from '../../protocol/testing/any-text'

function encoded(texts: readonly string[]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const text of texts) writer.string(text)
  return writer.finish()
}

function decoded(bytes: Uint8Array, count: number): string[] {
  // A Uint8Array, as in browsers: protobufjs has a different string reader for Buffers.
  const reader = new protobuf.Reader(new Uint8Array(bytes))
  return Array.from({ length: count }, () => reader.string())
}

describe('shared strings', () => {
  it('equal those that protobufjs reads', () => {
    const text = fc.oneof(fc.string({ maxLength: 80 }), anyText(), fc.constantFrom('a', 'b'))
    const cases = fc.sample(fc.array(text, { maxLength: 30 }), { numRuns: 300, seed: 1 })
    const plain = cases.map((texts) => decoded(encoded(texts), texts.length))
    shareStrings()
    const shared = cases.map((texts) => decoded(encoded(texts), texts.length))
    assert.deepEqual(shared, plain)
  })

  it('refuse a packet that ends too soon, as protobufjs does', () => {
    shareStrings()
    assert.throws(() => decoded(encoded(['0x1234']).subarray(0, 3), 1), RangeError)
  })
})
