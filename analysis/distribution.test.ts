import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../protocol/histogram'
import { distributionOf, distributionOfCounts, millisecondsOf, ratio } from './distribution'

test('nothing has no distribution, and no ratio to nothing', () => {
  assert.equal(distributionOf([]), null)
  assert.equal(distributionOfCounts([0, 0]), null)
  assert.equal(millisecondsOf(new Histogram()), null)
  assert.equal(ratio(0, 0), null)
})

test('percentiles are values that were there, by nearest rank', () => {
  assert.deepEqual(distributionOf([30, 10, 20]), { count: 3, p50: 20, p95: 30, p99: 30, max: 30 })
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  assert.deepEqual(distributionOf(hundred), { count: 100, p50: 50, p95: 95, p99: 99, max: 100 })
})

test('values given by their counts have the distribution of the values', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(8), { maxLength: 10 }), (counts) => {
      const values = counts.flatMap((count, value) => Array<number>(count).fill(value))
      assert.deepEqual(distributionOfCounts(counts), distributionOf(values))
    })
  )
})

test('a histogram of microseconds is shown in ms', () => {
  const histogram = new Histogram()
  for (const value of [1000, 1500, 2000]) histogram.record(value)
  assert.deepEqual(millisecondsOf(histogram), { count: 3, p50: 1.5, p95: 2, p99: 2, max: 2 })
})
