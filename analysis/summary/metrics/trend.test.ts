import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Trend } from './trend'

function trendOf(points: readonly (readonly [time: number, value: number])[]): Trend {
  const trend = new Trend()
  for (const [time, value] of points) trend.add(time, value)
  return trend
}

describe('a trend', () => {
  it('is unknown without two times', () => {
    assert.equal(trendOf([]).slope, null)
    assert.equal(trendOf([[5, 1]]).slope, null)
    assert.equal(trendOf([[5, 1], [5, 2]]).slope, null) // prettier-ignore
  })

  it('is the slope of a line, whatever its offset', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 50 })
    const whole = fc.integer({ min: -1e9, max: 1e9 })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e9 }), steps, whole, whole, (start, gaps, offset, slope) => {
        let time = start
        const times = [start, ...gaps.map((gap) => (time += gap))]
        const trend = trendOf(times.map((at) => [at, offset + slope * (at - start)]))
        assert.ok(Math.abs(trend.slope! - slope) <= 1e-5 * Math.abs(slope) + 1e-3)
        assert.equal(trend.span, time - start)
      })
    )
  })

  it('is the least-squares slope of points off the line', () => {
    assert.equal(trendOf([[0, 1], [1, 0], [2, 5]]).slope, 2) // prettier-ignore
  })
})
