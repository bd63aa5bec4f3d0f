import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { discretizedPositionDistanceXZ } from 'peer-islands/dist/utils/Positions'
import { distanceBucket, distanceXZ, type Position } from './positions'

describe('distanceBucket', () => {
  const table = [
    [0, 0],
    [32, 0],
    [32.01, 1],
    [64, 1],
    [80, 2],
    [128, 3],
    [160, 4],
    [160.01, 5],
    [Infinity, 5]
  ] as const
  for (const [metres, bucket] of table) {
    it(`${metres} m => ${bucket}`, () => assert.equal(distanceBucket(metres), bucket))
  }

  it('agrees with the islands library', () => {
    const theirs = discretizedPositionDistanceXZ()
    const coordinate = fc.integer({ min: -200, max: 200 })
    const position = fc.tuple(coordinate, coordinate, coordinate)
    fc.assert(fc.property(position, position, (a, b) => distanceBucket(distanceXZ(a, b)) === theirs(a, b)))
  })
})

describe('distanceXZ', () => {
  it('leaves height out', () => {
    const origin: Position = [0, 0, 0]
    assert.equal(distanceXZ(origin, [3, 1000, 4]), 5)
  })
})
