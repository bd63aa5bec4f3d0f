import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fakeRun } from '../testing/fake-runs'
import { jaccard, meshLikeness } from './meshes'
import { isUsable } from './run'

describe('The likeness of meshes', () => {
  const cases: { a: [number, number][]; b: [number, number][]; likeness: number | null }[] = [
    { a: [], b: [], likeness: null },
    { a: [[0, 1]], b: [], likeness: 0 },
    { a: [[0, 1]], b: [[0, 1]], likeness: 1 },
    {
      a: [
        [0, 1],
        [1, 2]
      ],
      b: [
        [0, 1],
        [0, 2]
      ],
      likeness: 1 / 3
    }
  ]
  for (const { a, b, likeness } of cases) {
    it(`is ${likeness} for ${JSON.stringify(a)} and ${JSON.stringify(b)}`, () =>
      assert.equal(jaccard(a, b), likeness))
  }

  it('is grouped by seed', () => {
    const runs = [fakeRun(0, 0), fakeRun(0, 1), fakeRun(1, 0)].filter(isUsable)
    runs[0]!.summary.provenance.edges = [[0, 1]]
    runs[1]!.summary.provenance.edges = [[0, 1]]
    runs[2]!.summary.provenance.edges = [[1, 2]]
    assert.deepEqual(meshLikeness(runs), { sameSeed: 1, otherSeeds: 0 })
  })
})
