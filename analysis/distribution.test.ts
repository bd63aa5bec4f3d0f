import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Histogram } from '../protocol/histogram'
import {
  distributionOf,
  distributionOfCounts,
  latencyOf,
  millisecondsOf,
  owedLatencyOf,
  owedPercentile,
  ratio
} from './distribution'

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

test('values given by their counts have the distribution of the values', () =>
  fc.assert(
    fc.property(fc.array(fc.nat(8), { maxLength: 10 }), (counts) => {
      const values = counts.flatMap((count, value) => Array<number>(count).fill(value))
      assert.deepEqual(distributionOfCounts(counts), distributionOf(values))
    })
  ))

test('a histogram of microseconds is shown in ms', () => {
  const histogram = new Histogram()
  for (const value of [1000, 1500, 2000]) histogram.record(value)
  assert.deepEqual(millisecondsOf(histogram), { count: 3, p50: 1.5, p95: 2, p99: 2, max: 2 })
})

/** µs. */
function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

test('a latency percentile is unknown where there are too few messages for it, but the greatest is known', () => {
  const ofSize = (count: number) => latencyOf(histogramOf(Array<number>(count).fill(2000)))
  assert.equal(ofSize(0), null)
  assert.deepEqual(ofSize(1), { count: 1, p50: null, p95: null, p99: null, max: 2 })
  assert.deepEqual(ofSize(19), { count: 19, p50: 2, p95: null, p99: null, max: 2 })
  assert.deepEqual(ofSize(20), { count: 20, p50: 2, p95: 2, p99: null, max: 2 })
  assert.deepEqual(ofSize(100), { count: 100, p50: 2, p95: 2, p99: 2, max: 2 })
})

test('a message that never came is later than any that did', () => {
  const arrived = histogramOf(Array.from({ length: 192 }, (_, index) => (1000 * (index + 1)) / 192))
  const latency = owedLatencyOf(arrived, 200)
  assert.deepEqual(
    [latency?.count, latency?.never, latency?.p95, latency?.p99, latency?.max],
    [200, 8, arrived.valueAtRank(190) / 1000, null, null]
  )
  assert.equal(owedPercentile(latency, 'p99'), Infinity)
  assert.equal(owedPercentile(latency, 'max'), Infinity)
  assert.equal(owedPercentile(owedLatencyOf(new Histogram(), 10), 'p95'), null)
  assert.equal(owedPercentile(owedLatencyOf(new Histogram(), 10), 'p50'), Infinity)
  assert.equal(owedLatencyOf(new Histogram(), 0), null)
})

test('owed percentiles are those of the values with Infinity for each that never came', () => {
  const values = fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 300 })
  fc.assert(
    fc.property(values, fc.nat(60), (arrived, never) => {
      const latency = owedLatencyOf(histogramOf(arrived), arrived.length + never)
      const truth = distributionOf([...arrived, ...Array<number>(never).fill(Infinity)])
      assert.equal(latency?.count ?? 0, truth?.count ?? 0)
      for (const point of ['p50', 'p95', 'p99', 'max'] as const) {
        const value = owedPercentile(latency, point)
        if (value !== null) assert.equal(value, truth![point] / 1000)
      }
    })
  )
})
