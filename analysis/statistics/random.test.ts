import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from './random'
import { noiseShapes } from '../testing/monte-carlo-series'
import { assertClose } from '../testing/assert-close'

describe('seeded random numbers', () => {
  it('repeat with the same seed and differ with another', () => {
    const first = (seed: number) => {
      const random = seededRandom(seed)
      return [random.uniform(), random.normal(), random.uniform()]
    }
    assert.deepEqual(first(7), first(7))
    assert.notDeepEqual(first(7), first(8))
  })

  const draws: [string, () => number, number, number][] = [
    ['uniform', drawFrom((random) => random.uniform()), 0.5, Math.sqrt(1 / 12)],
    ['normal', drawFrom(noiseShapes.normal), 0, 1],
    ['skewed', drawFrom(noiseShapes.skewed), 0, 1],
    ['heavy-tailed', drawFrom(noiseShapes['heavy-tailed']), 0, 1]
  ]
  for (const [name, draw, mean, deviation] of draws) {
    it(`${name}: mean ${mean}, standard deviation ${deviation.toFixed(2)}`, () => {
      const values = Array.from({ length: 50_000 }, draw)
      const seen = values.reduce((sum, value) => sum + value, 0) / values.length
      const variance = values.reduce((sum, value) => sum + (value - seen) ** 2, 0) / values.length
      assertClose(seen, mean, 0.02)
      assertClose(Math.sqrt(variance), deviation, 0.1)
    })
  }
})

function drawFrom(shape: (random: ReturnType<typeof seededRandom>) => number): () => number {
  const random = seededRandom(1)
  return () => shape(random)
}
