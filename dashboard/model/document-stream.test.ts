import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LONG_PARTS, readDocument } from './document-stream'
import { anyText } from '../../protocol/testing/any-text'

/** Reads a text that arrives in chunks of `size` bytes, and puts the entries together again. */
async function read(text: string, size: number, stopBefore?: string): Promise<Record<string, unknown[]>> {
  const bytes = new TextEncoder().encode(text)
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size)
  )
  const entries = Object.create(null) as Record<string, unknown[]>
  await readDocument(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece)
        controller.close()
      }
    }),
    (key, value) => (entries[key] ??= []).push(value),
    stopBefore
  )
  return entries
}

describe('readDocument', () => {
  it('passes on long parts by element or entry, and all others whole', async () => {
    const text = JSON.stringify({
      id: 'a',
      labels: { x: '1' },
      runners: [{ id: 'r' }, { id: 's' }],
      peerResults: { p: [1], q: { r: 2 } },
      dataPoints: [{ n: 1 }, 2]
    })
    assert.deepEqual(
      { ...(await read(text, 7)) },
      {
        id: ['a'],
        labels: [{ x: '1' }],
        runners: [[{ id: 'r' }, { id: 's' }]],
        peerResults: [
          ['p', [1]],
          ['q', { r: 2 }]
        ],
        dataPoints: [{ n: 1 }, 2]
      }
    )
  })

  it('stops before a key, so the rest is not downloaded', async () =>
    assert.deepEqual({ ...(await read('{"a":[1],"b":[2],"c":3}', 3, 'b')) }, { a: [[1]] }))

  it('reads any document, in pieces of any size', async () => {
    const record = fc.dictionary(anyText({ minLength: 1 }), fc.jsonValue())
    const long = fc.dictionary(fc.constantFrom(...LONG_PARTS), fc.oneof(fc.array(fc.jsonValue()), record))
    await fc.assert(
      fc.asyncProperty(
        record,
        long,
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        async (others, parts, size, spaced) => {
          const json = JSON.parse(JSON.stringify({ ...others, ...parts })) as Record<string, unknown>
          const expected = Object.entries(json)
            .map(([key, entry]): [string, unknown[]] => [
              key,
              !LONG_PARTS.includes(key)
                ? [entry]
                : Array.isArray(entry)
                  ? entry
                  : Object.entries(entry as object)
            ])
            .filter(([, entries]) => entries.length > 0)
          const entries = await read(JSON.stringify(json, null, spaced ? 2 : 0), size)
          assert.deepEqual(new Map(Object.entries(entries)), new Map(expected))
        }
      )
    )
  })

  for (const [text, why] of [
    ['{"a":1,"b":[1,2', 'a list that is cut off'],
    ['{"a":tru}', 'a value that is none'],
    ['{"a":[1e400]}', 'a number that no double holds'],
    [`{"a":${'9'.repeat(400)}}`, 'a number of 400 digits'],
    ['{"peerResults":{"p":{}:,"q":0}}', 'a record whose entry has two colons'],
    ['', 'nothing']
  ] as const) {
    it(`refuses ${why}`, async () => {
      await assert.rejects(read(text, 4), SyntaxError)
    })
  }
})
