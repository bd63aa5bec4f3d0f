import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs/minimal'
import { writeDirectly } from './direct-writer'
import { anyText } from '../../protocol/testing/any-text'

type Step =
  | ['uint32' | 'int32' | 'sint32' | 'fixed32' | 'uint64' | 'double' | 'float', number]
  | ['bool', boolean]
  | ['string', string]
  | ['bytes', Uint8Array]
  | ['part', Step[]]

const text = fc.oneof(fc.string({ maxLength: 80 }), anyText(), fc.constantFrom('', 'a', 'b'))
const number = fc.constantFrom('int32' as const, 'sint32' as const)
const { steps } = fc.letrec<{ steps: Step[]; step: Step }>((tie) => ({
  steps: fc.array(tie('step'), { maxLength: 12 }),
  step: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(fc.constantFrom('uint32' as const, 'fixed32' as const), fc.nat(2 ** 32 - 1)),
    fc.tuple(number, fc.integer()),
    fc.tuple(fc.constant('uint64' as const), fc.maxSafeNat()),
    fc.tuple(fc.constantFrom('double' as const, 'float' as const), fc.double()),
    fc.tuple(fc.constant('bool' as const), fc.boolean()),
    fc.tuple(fc.constant('string' as const), text),
    fc.tuple(fc.constant('bytes' as const), fc.uint8Array({ maxLength: 300 })),
    fc.tuple(fc.constant('part' as const), tie('steps'))
  )
}))

function write(writer: protobuf.Writer, all: readonly Step[]): protobuf.Writer {
  for (const [kind, value] of all) {
    if (kind === 'part') write(writer.fork(), value).ldelim()
    else (writer[kind] as (value: unknown) => protobuf.Writer)(value)
  }
  return writer
}

/** Avoids Node's Buffer, as in browsers. */
const make = () => new protobuf.Writer()

describe('a direct writer', () => {
  const cases = fc.sample(steps, { numRuns: 400, seed: 1 })
  const plain = cases.map((each) => new Uint8Array(write(make(), each).finish()))
  writeDirectly()

  it('writes the same bytes as the writer of protobufjs', () => {
    const direct = cases.map((each) => write(make(), each).finish())
    // Compare them all at the end: a later one must not have overwritten any.
    direct.forEach((bytes, index) => assert.deepEqual(new Uint8Array(bytes), plain[index]))
  })

  it('keeps simultaneous writers apart', () => {
    const writers = cases.map(() => make())
    writers.forEach((writer, index) => write(writer, cases[index]!))
    writers
      .slice(0, 20)
      .forEach((writer, index) => assert.deepEqual(new Uint8Array(writer.finish()), plain[index]))
  })

  it('continues after a finished packet', () => {
    const writer = make().uint32(1)
    writer.finish()
    make().uint32(9).finish()
    assert.deepEqual([...writer.uint32(2).finish()], [1, 2])
    assert.deepEqual([...writer.finish()], [1, 2])
  })

  it('writes a packet that is longer than its buffer', () => {
    const bytes = new Uint8Array(600_000).fill(7)
    assert.deepEqual(make().uint32(1).bytes(bytes).finish().subarray(4), bytes)
  })

  it('gives up a part that is reset', () =>
    assert.deepEqual([...make().uint32(1).fork().uint32(5).reset().uint32(2).finish()], [1, 2]))
})
