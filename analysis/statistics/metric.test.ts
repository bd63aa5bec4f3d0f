import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { marginBounds, SCALES, scaleRuns, type Metric } from './metric'
import { assertClose } from '../testing/assert-close'

const latency: Metric = { name: 'latency', direction: 'lower is better', scale: 'ratio', margin: 0.03 }
const delivery: Metric = {
  name: 'delivery',
  direction: 'higher is better',
  scale: 'difference',
  margin: 0.005
}

describe('metric scale', () => {
  it('takes logarithms for a ratio and back', () => {
    const { baseline, zerosReplaced } = scaleRuns(latency, [100], [110])
    const { toEffect, toSize, toShift } = SCALES.ratio
    assertClose(baseline[0], Math.log(100))
    assertClose(toEffect(Math.log(1.1)), 1.1)
    assertClose(toSize(Math.log(1.1)), 0.1)
    assertClose(toShift(0.1), Math.log(1.1))
    assert.equal(zerosReplaced, 0)
  })

  it('keeps differences, negative ones included', () => {
    const { baseline, candidate } = scaleRuns(delivery, [0.99, 1], [-0.5, 0])
    assert.deepEqual([baseline, candidate, SCALES.difference.toEffect(-0.5)], [[0.99, 1], [-0.5, 0], -0.5])
  })

  it('replaces a zero by half the smallest positive value of both builds', () => {
    const { baseline, candidate, zerosReplaced } = scaleRuns(latency, [0, 8], [4, 0])
    assertClose(baseline[0], Math.log(2))
    assertClose(candidate[1], Math.log(2))
    assert.equal(zerosReplaced, 2)
  })

  it('has a ratio of 1 if all values are zero', () => {
    const { baseline, candidate } = scaleRuns(latency, [0, 0], [0, 0])
    assert.deepEqual(baseline, candidate)
  })

  it('has a margin that is symmetric on its scale', () => {
    const { low, high } = marginBounds(latency)
    assertClose(low * high, 1)
    assert.equal(high, 1.03)
    assert.deepEqual(marginBounds(delivery), { low: -0.005, high: 0.005 })
  })

  const refused: [string, Metric, number[], RegExp][] = [
    ['not a number', delivery, [1, Number.NaN], /delivery: baseline run 2 has the value NaN/],
    ['infinite', latency, [Infinity], /baseline run 1 has the value Infinity/],
    [
      'negative for a ratio',
      latency,
      [-1],
      /baseline run 1 is -1; compare what can be negative by difference/
    ]
  ]
  for (const [name, metric, values, message] of refused) {
    it(`refuses values: ${name}`, () => assert.throws(() => scaleRuns(metric, values, [1]), message))
  }
})
