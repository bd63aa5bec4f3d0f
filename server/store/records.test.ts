import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { samplePoint } from '../testing/sample-data'
import { parseRecord } from './records'

/** Far more than is parsed at once. */
const LENGTH = 200_000

function lineOf(points: readonly unknown[], separator = ',', end = ''): Buffer {
  const repeats = Math.ceil(LENGTH / JSON.stringify(points).length)
  const texts = Array.from({ length: repeats }, () => points.map((point) => JSON.stringify(point))).flat()
  return Buffer.from(
    `{"points":[${texts.join(separator)}]${end},"at":1700000000000.125,"n":3,"crc":"0a1b2c3d"}`
  )
}

describe('a long batch', () => {
  const CASES: [string, Buffer][] = [
    ['as peers send them', lineOf([samplePoint('a', 0), samplePoint('b', 1)])],
    ['beyond ASCII', lineOf([{ peerId: 'a', sequence: 0, group: '漢字' }])],
    ['separated by spaces', lineOf([{ peerId: 'a', sequence: 0 }], ', ')],
    ['with a space behind them', lineOf([{ peerId: 'a', sequence: 0 }], ',', ' ')],
    ['whose texts look like the end of a point', lineOf([{ peerId: 'a', group: '},{"peerId":"],"at":' }])],
    ['that hold lists of points', lineOf([{ peerId: 'a', odd: [{ peerId: 'b' }, { peerId: 'c' }] }])]
  ]
  for (const [what, line] of CASES)
    it(`of points ${what} is parsed like any JSON`, () => {
      assert.deepEqual(parseRecord(line), JSON.parse(line.toString()))
    })

  it('is parsed like any JSON, whatever its points hold', () => {
    const point = fc.record({ peerId: fc.string(), group: fc.json(), odd: fc.jsonValue() })
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 9 }), (points) => {
        const line = lineOf(points)
        assert.deepEqual(parseRecord(line), JSON.parse(line.toString()))
      }),
      { numRuns: 30 }
    )
  })

  it('with a changed byte is refused, or parsed like any JSON', () => {
    const line = lineOf([{ peerId: 'a', sequence: 12, group: 'b' }])
    const ends = [fc.nat(100), fc.integer({ min: line.length - 100, max: line.length - 1 })]
    const changed = fc.tuple(
      fc.oneof(fc.nat(line.length - 1), ...ends),
      fc.constantFrom(...Buffer.from('{}[],:" 0\\'))
    )
    fc.assert(
      fc.property(changed, ([at, byte]) => {
        const damaged = Buffer.from(line)
        damaged[at] = byte
        assert.deepEqual(
          attempt(() => parseRecord(damaged)),
          attempt(() => JSON.parse(damaged.toString()) as unknown)
        )
      }),
      { numRuns: 200 }
    )
  })
})

function attempt(parse: () => unknown): unknown {
  try {
    return parse()
  } catch {
    return 'refused'
  }
}
