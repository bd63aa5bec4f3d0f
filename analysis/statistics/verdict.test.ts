import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareRuns } from './compare'
import type { Direction, Metric } from './metric'
import { judge, type Verdict } from './verdict'

const confidence = 0.96875
const ratio = (direction: Direction): Metric => ({ name: 'metric', direction, scale: 'ratio', margin: 0.03 })
const delivery: Metric = {
  name: 'delivery',
  direction: 'higher is better',
  scale: 'difference',
  margin: 0.005
}

describe('verdict', () => {
  const cases: [string, Metric, [number, number] | null, number, Verdict][] = [
    ['no interval', ratio('lower is better'), null, 0.0625, 'not enough runs'],
    ['inside the margin', ratio('lower is better'), [0.98, 1.02], 0.5, 'same'],
    ['inside the margin though significant', ratio('lower is better'), [1.001, 1.02], 0.03, 'same'],
    ['inside the margin, neutral', ratio('neutral'), [0.98, 1.02], 0.5, 'same'],
    ['at the edge of the margin', ratio('lower is better'), [0.98, 1.03], 0.5, 'inconclusive'],
    ['above one, lower is better', ratio('lower is better'), [1.05, 1.2], 0.03, 'worse'],
    ['above one, higher is better', ratio('higher is better'), [1.05, 1.2], 0.03, 'better'],
    ['below one, lower is better', ratio('lower is better'), [0.8, 0.9], 0.03, 'better'],
    ['below one, higher is better', ratio('higher is better'), [0.8, 0.9], 0.03, 'worse'],
    ['above one, neutral', ratio('neutral'), [1.05, 1.2], 0.03, 'changed'],
    ['above one and across the margin', ratio('lower is better'), [1.01, 1.2], 0.03, 'worse'],
    ['across one and the margin', ratio('lower is better'), [0.99, 1.2], 0.2, 'inconclusive'],
    ['above one, but not after adjustment', ratio('lower is better'), [1.05, 1.2], 0.09, 'inconclusive'],
    ['a difference inside its margin', delivery, [-0.004, 0.001], 0.5, 'same'],
    ['a difference below zero', delivery, [-0.02, -0.001], 0.03, 'worse'],
    ['a difference above zero', delivery, [0.001, 0.02], 0.03, 'better']
  ]
  for (const [name, metric, interval, p, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const [low, high] = interval ?? [1, 1]
      assert.equal(judge(metric, (low + high) / 2, interval && { low, high, confidence }, p), expected)
    })
  }

  for (const direction of ['lower is better', 'higher is better'] as const)
    it(`says nothing if a few of many blocks differ and the rest do not, ${direction}`, () => {
      const [none, some] = [Array<number>(24).fill(0), Array.from({ length: 24 }, (_, i) => (i < 6 ? 3 : 0))]
      const metric = ratio(direction)
      assert.equal(compareRuns('paired', metric, none, some).verdict, 'inconclusive')
      assert.equal(compareRuns('paired', metric, some, none).verdict, 'inconclusive')
      const few = [3, 3, 3, 3, 3, ...Array<number>(6).fill(0)]
      assert.equal(compareRuns('unpaired', metric, none.slice(0, 11), few).verdict, 'inconclusive')
    })

  it('uses 1 ÷ 1.03 as the lower margin, so that swapping the builds changes nothing', () => {
    const interval = (low: number) => ({ low, high: 1, confidence })
    assert.equal(judge(ratio('neutral'), 0.99, interval(0.9708), 0.5), 'inconclusive')
    assert.equal(judge(ratio('neutral'), 0.99, interval(0.9709), 0.5), 'same')
  })
})
