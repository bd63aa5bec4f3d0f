import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { changeAxis, IntervalPlot } from './plots'

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

  it('are only labels within it, none over another', () => {
    const labels = changeAxis([0.2]).ticks.map(({ label }) => label)
    assert.deepEqual(labels, ['0%', '+1%', '+3%', '+10%'])
    const places = changeAxis([-8, 8]).ticks.map(({ x }) => x)
    places.sort((a, b) => a - b)
    assert.ok(places.slice(1).every((place, index) => place - places[index]! > 34))
  })

  it('is nothing drawn that has no end', () => {
    const margin = { low: -0.1, high: 0.1 }
    const plotOf = (estimate: number, interval: { low: number; high: number } | null) =>
      renderToString(
        h(IntervalPlot, {
          ...{ label: '', axis: changeAxis([0.3]), effects: [], margin },
          estimate,
          interval
        })
      )
    assert.match(plotOf(0, { low: 0, high: 0.1 }), /class="interval".*class="estimate"/)
    for (const interval of [{ low: -Infinity, high: 0.1 }, { low: 0, high: Infinity }, null])
      assert.doesNotMatch(plotOf(NaN, interval), /class="interval"|class="estimate"|Infinity|NaN/)
  })
})
