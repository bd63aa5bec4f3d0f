import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareRuns } from './compare'
import { POWER } from './detectable'
import { ALPHA } from './shift'
import { seededRandom } from './random'
import {
  compareSeries,
  equalBuilds,
  pooledFalseAlarms,
  simulateComparisons,
  type Series
} from '../testing/monte-carlo-series'
import { assertClose } from '../testing/assert-close'

const TRIALS = 3_000
/** Three standard errors of a share near 5%. */
const ERROR = 3 * Math.sqrt((0.05 * 0.95) / TRIALS)
const SIZE_AT_6_BLOCKS = 2 / 2 ** 6

/** Seeded, so the results are deterministic. `bench statistics` prints more of them. */
function simulate(change: Partial<Series>) {
  return simulateComparisons({ ...equalBuilds, ...change }, TRIALS, seededRandom(1))
}

describe('simulated comparisons of equal builds in 6 blocks', () => {
  const noises: [string, Partial<Series>][] = [
    ['normal noise', {}],
    ['skewed noise', { noise: 'skewed' }],
    ['heavy-tailed noise', { noise: 'heavy-tailed' }],
    ['a spread of 4%', { spread: 0.04 }],
    ['a drift of 15% across the series', { drift: 0.15 }]
  ]
  for (const [name, change] of noises) {
    it(`${name}: raises as many false alarms as the exact test predicts, and its interval covers`, () => {
      const { differenceSeen, coverage } = simulate(change)
      assert.ok(differenceSeen <= ALPHA, `${differenceSeen} false alarms`)
      assertClose(differenceSeen, SIZE_AT_6_BLOCKS, 0.01)
      assert.ok(coverage >= 0.95, `${coverage} covered`)
    })
  }

  it('a drift far above the noise raises false alarms in any order but the alternating one', () => {
    const drifting = { drift: 0.15, spread: 0.01 }
    assert.ok(simulate(drifting).differenceSeen <= SIZE_AT_6_BLOCKS)
    assert.ok(simulate({ ...drifting, order: 'baseline first in each block' }).differenceSeen > 0.1)
    assert.ok(simulate({ ...drifting, order: 'all baseline runs first' }).differenceSeen > 0.9)
  })

  it('quiet runs are the same', () => assert.ok(simulate({ spread: 0.01 }).of('same') > 0.7))

  it('fewer blocks are never enough', () =>
    assert.equal(simulate({ blocks: 5, change: 2 }).of('not enough runs'), 1))
})

describe('simulated comparisons', () => {
  const covered: [string, Partial<Series>][] = [
    ['6 blocks, a change of 10%', { change: 1.1 }],
    ['10 blocks', { blocks: 10 }],
    ['10 blocks, skewed, a change of 20%', { blocks: 10, noise: 'skewed', change: 1.2 }],
    ['20 blocks, heavy-tailed', { blocks: 20, noise: 'heavy-tailed' }]
  ]
  for (const [name, change] of covered) {
    it(`${name}: the interval covers the truth`, () => {
      const { coverage } = simulate(change)
      assert.ok(coverage >= 0.95 - ERROR, `${coverage} covered`)
    })
  }

  it('unpaired: false alarms and coverage', () => {
    const series: Series = { ...equalBuilds, blockSpread: 0 }
    const { differenceSeen, coverage } = simulateComparisons(series, TRIALS, seededRandom(1), 'unpaired')
    // The exact size with 6 + 6 runs: P(U ≤ 5) in both tails.
    assertClose(differenceSeen, 38 / 924, 0.01)
    assert.ok(coverage >= 0.95 - ERROR)
  })

  const power: [number, number, number, number][] = [
    // spread, change, smallest and largest expected share of differences seen in 6 blocks
    [0.08, 1.05, 0.05, 0.12],
    [0.08, 1.1, 0.2, 0.3],
    [0.08, 1.2, 0.65, 0.78],
    [0.04, 1.05, 0.22, 0.3],
    [0.04, 1.1, 0.7, 0.8],
    [0.04, 1.2, 0.99, 1]
  ]
  for (const [spread, change, least, most] of power) {
    it(`a change to ${change} times at a spread of ${spread} is seen as often as documented`, () => {
      const { differenceSeen, of } = simulate({ spread, change })
      assert.ok(differenceSeen >= least && differenceSeen <= most, `seen in ${differenceSeen}`)
      assert.ok(of('better') < 0.01, `${of('better')} in the wrong direction`)
    })
  }

  for (const blocks of [6, 10]) {
    it(`a change of the detectable size is seen in four of five cases on average, in ${blocks} blocks`, () => {
      const random = seededRandom(9)
      const seen = Array.from({ length: TRIALS }, () => {
        // One comparison prints the detectable size; another then has a change of exactly that size.
        const printed = compareSeries({ ...equalBuilds, blocks }, random).minimumDetectable!
        return compareSeries({ ...equalBuilds, blocks, change: 1 + printed }, random).verdict === 'worse'
      })
      assertClose(seen.filter(Boolean).length / TRIALS, POWER, 0.03)
    })
  }

  it('delivery lost in half of 12 blocks is seen more often than not', () => {
    const random = seededRandom(10)
    const delivery = {
      name: 'delivery',
      direction: 'higher is better',
      scale: 'difference',
      margin: 0.005
    } as const
    const seen = Array.from({ length: TRIALS }, () => {
      const candidate = Array.from({ length: 12 }, () =>
        random.uniform() < 0.5 ? 1 : 0.98 + 0.005 * random.uniform()
      )
      return compareRuns('paired', delivery, new Array<number>(12).fill(1), candidate).verdict === 'worse'
    })
    assert.ok(seen.filter(Boolean).length / TRIALS > 0.55)
  })

  it('pooling the peers of each run multiplies the false alarms', () => {
    const series: Series = { ...equalBuilds, blockSpread: 0 }
    assert.ok(pooledFalseAlarms(series, 8, 0.08, 300, seededRandom(1)) > 0.25)
  })
})
