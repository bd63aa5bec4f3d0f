/** A build is told to be like one of two others, and not told where chance could do it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { seededRandom } from '../statistics/random'
import { closerTo, shiftOf } from './halfway'
import { comparedMetric } from './metric-choice'

const metric = comparedMetric('machine.cpuMsPerDelivered')
const LEVEL = 0.0025
const SEEDS = 20

/** Builds whose values are `factor` times as large, with noise. */
function answers(factor: number, spread: number, trials: number): (string | undefined)[] {
  const random = seededRandom(1)
  const noise = () => Math.exp(spread * (random.uniform() + random.uniform() + random.uniform() - 1.5) * 2)
  return Array.from({ length: trials }, () => {
    const good = Array.from({ length: SEEDS }, noise)
    const other = good.map((value) => value * factor * noise())
    return closerTo(metric, { good, other }, Math.log(1.2), LEVEL)
  })
}

describe('which of two builds another one is like', () => {
  it('is the nearer one, whatever the noise', () => {
    for (const spread of [0, 0.05]) {
      assert.deepEqual(new Set(answers(1, spread, 20)), new Set(['good']))
      assert.deepEqual(new Set(answers(1.2, spread, 20)), new Set(['bad']))
    }
  })

  it('is undecided at the middle, but for the level', () => {
    const told = answers(Math.sqrt(1.2), 0.1, 2000).filter((answer) => answer !== undefined)
    assert.ok(told.length / 2000 < 2 * (2 * LEVEL), `${told.length} of 2000`)
  })
})

describe('the shift between the ends', () => {
  it('is null where chance could make it', () => {
    assert.equal(shiftOf(metric, { good: [1, 2, 3], other: [2, 4, 6] }, LEVEL), null)
    assert.equal(shiftOf(metric, { good: Array(20).fill(1), other: Array(20).fill(1) }, LEVEL), null)
    const shift = shiftOf(metric, { good: Array(20).fill(1), other: Array(20).fill(2) }, LEVEL)
    assert.ok(Math.abs(shift! - Math.log(2)) < 1e-9)
  })
})
