import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { changeAxis } from './plots'

describe('On the axis of changes', () => {
  const CASES: [ratio: number, label: string][] = [
    [1, '0%'],
    [1.03, '+3%'],
    [1.3, '+30%'],
    [0.7, '−30%'],
    [3, '×3'],
    [1 / 3, '÷3']
  ]
  for (const [ratio, label] of CASES)
    it(`${label} is where a ratio of ${ratio.toFixed(2)} is drawn`, () => {
      // Room for each label.
      const { ticks, x } = changeAxis([Math.min(0, 2 * Math.log(ratio)), Math.max(0.02, 2 * Math.log(ratio))])
      assert.equal(ticks.find((tick) => tick.label === label)?.x, x(Math.log(ratio)))
    })
})
