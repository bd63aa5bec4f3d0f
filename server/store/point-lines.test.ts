import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { samplePoint } from '../testing/sample-data'
import { ChunkBuilder } from './chunk-builder'
import { isPlainBatch, writePoints } from './point-lines'
import { dataPointsOf, parseRecord, type JournalRecord } from './records'

type Batch = Extract<JournalRecord, { points: unknown }>

const lineOf = (body: string) =>
  Buffer.from(`{"points":${body},"at":1700000000000.125,"n":3,"crc":"0a1b2c3d"}`)
const isPlain = (line: Buffer) => isPlainBatch(line, parseRecord(line) as Batch)

/** The data points as written to the document. */
function written(line: Buffer): unknown {
  const target = new ChunkBuilder()
  writePoints(line, isPlain(line), target)
  return JSON.parse(`[${Buffer.concat([...target.takeRest()]).toString()}]`)
}

const full = JSON.stringify(['a', 'b', 'c'].map(samplePoint))

describe('the points of a batch', () => {
  const PLAIN: [string, string][] = [
    ['as peers send them', full],
    ['of one field', '[{"peerId":"a","sequence":0,"sent":1}]'],
    ['without any field', '[{"peerId":"a","sequence":0},{"peerId":"b","sequence":12}]'],
    ['with spaces behind a field', '[{"peerId":"a","sequence":0,"sent": 1 }]'],
    ['with a field twice', '[{"peerId":"a","sequence":0,"sent":1,"sent":2}]'],
    ['beyond ASCII', '[{"peerId":"a","sequence":0,"group":"漢字"}]']
  ]
  for (const [what, body] of PLAIN)
    it(`${what} are copied`, () => {
      const line = lineOf(body)
      assert.ok(isPlain(line))
      assert.deepEqual(written(line), dataPointsOf(parseRecord(line)))
    })

  const ODD: [string, string][] = [
    ['in another order', '[{"sequence":0,"peerId":"a","sent":1}]'],
    ['with spaces before them', '[ {"peerId":"a","sequence":0}]'],
    ['with spaces between them', '[{"peerId":"a","sequence":0}, {"peerId":"b","sequence":0}]'],
    ['with spaces behind them', '[{"peerId":"a","sequence":0} ]'],
    ['with a peer twice', '[{"peerId":"a","sequence":0,"sent":1,"peerId":"b"}]'],
    ['with the same peer twice', '[{"peerId":"a","sequence":0,"sent":1,"peerId":"a"}]'],
    ['with a sequence twice', '[{"peerId":"a","sequence":0,"sent":1,"sequence":0}]'],
    ['with an escaped key', '[{"peerId":"a","sequence":0,"sent":1,"peer\\u0049d":"a"}]'],
    ['with an escaped text', '[{"peerId":"a","sequence":0,"group":"},{\\"peerId\\":\\""}]'],
    ['with a sequence in another notation', '[{"peerId":"a","sequence":1e1,"sent":1}]'],
    ['with a sequence as a fraction', '[{"peerId":"a","sequence":1.0,"sent":1}]']
  ]
  for (const [what, body] of ODD)
    it(`${what} are encoded again`, () => {
      const line = lineOf(body)
      assert.equal(isPlain(line), false)
      assert.deepEqual(written(line), dataPointsOf(parseRecord(line)))
    })

  it('come out as they went in, whatever they contain', () => {
    const point = fc.record(
      {
        peerId: fc.stringMatching(/^[\w-]{1,9}$/),
        sequence: fc.maxSafeNat(),
        sent: fc.double({ min: 0, max: 1e15 }),
        group: fc.string({ maxLength: 20 }),
        connectedPeers: fc.array(fc.stringMatching(/^[\w-]{1,9}$/), { maxLength: 3 }),
        hops: fc.array(fc.nat(9), { maxLength: 3 })
      },
      { requiredKeys: ['peerId', 'sequence'] }
    )
    const at = fc.integer({ min: 0, max: 1e15 }).map((microseconds) => microseconds / 1000)
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 5 }), at, (points, received) => {
        const line = Buffer.from(JSON.stringify({ points, at: received, n: 1 }))
        assert.deepEqual(written(line), JSON.parse(JSON.stringify(dataPointsOf(parseRecord(line)))))
      })
    )
  })
})
