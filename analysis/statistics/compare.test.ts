import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { adjustSecondary, blocksNeeded, compareRuns, type MetricComparison } from './compare'
import type { Metric } from './metric'
import { ALPHA } from './shift'
import { assertClose } from '../testing/assert-close'
import type { Verdict } from './verdict'

const latency: Metric = { name: 'latency', direction: 'lower is better', scale: 'ratio', margin: 0.03 }
const duplicates: Metric = { name: 'duplicates', direction: 'lower is better', scale: 'ratio', margin: 0.03 }
const delivery: Metric = {
  name: 'delivery',
  direction: 'higher is better',
  scale: 'difference',
  margin: 0.005
}

const steady = [100, 104, 98, 101, 97, 103]
const times = (factor: number) => (value: number) => value * factor

describe('paired comparison', () => {
  it('sees a tenth more, in every field', () => {
    const noise = [1.01, 0.99, 1, 1.02, 0.98, 1]
    const candidate = steady.map((value, block) => value * 1.1 * noise[block]!)
    const result = compareRuns('paired', latency, steady, candidate)
    assert.equal(result.verdict, 'worse')
    assert.equal(result.p, 0.03125)
    assert.deepEqual(result.runs, { baseline: 6, candidate: 6 })
    assertClose(result.estimate, 1.1, 0.001)
    assertClose(result.interval?.low, 1.1 * 0.98)
    assertClose(result.interval?.high, 1.1 * 1.02)
    assertClose(result.spread, 0.0143, 0.001)
    assertClose(result.minimumDetectable, 0.0143 * 2.18, 0.002)
  })

  const cases: [string, Metric, number[], number[], Verdict][] = [
    ['equal runs', latency, steady, steady, 'same'],
    ['all zero', duplicates, [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], 'same'],
    ['duplicates gone', duplicates, [3, 4, 2, 5, 3, 4], [0, 0, 0, 0, 0, 0], 'better'],
    ['duplicates now and then', duplicates, [0, 1, 0, 0, 2, 0], [0, 0, 1, 0, 0, 1], 'inconclusive'],
    ['delivery near 1', delivery, [1, 1, 0.999, 1, 1, 1], [1, 0.999, 1, 1, 1, 0.998], 'same'],
    ['delivery lost', delivery, [1, 1, 0.999, 1, 1, 1], [0.97, 0.98, 0.97, 0.96, 0.98, 0.97], 'worse'],
    ['three clear blocks', latency, [100, 100, 100], [200, 210, 220], 'not enough runs'],
    ['one block', latency, [100], [200], 'not enough runs']
  ]
  for (const [name, metric, baseline, candidate, expected] of cases) {
    it(`${name}: ${expected}`, () => {
      const result = compareRuns('paired', metric, baseline, candidate)
      assert.equal(result.verdict, expected)
      for (const number of numbersOf(result))
        assert.ok(Number.isFinite(number), `${number} among the results`)
    })
  }

  it('says that zeros were replaced', () =>
    assert.equal(compareRuns('paired', duplicates, [3, 4, 2, 5, 3, 0], [0, 0, 0, 0, 0, 0]).zerosReplaced, 7))
})

describe('unpaired comparison', () => {
  it('sees a fifth more', () => {
    const result = compareRuns('unpaired', latency, steady, [121, 119, 125, 118])
    assert.equal(result.verdict, 'worse')
    assert.equal(result.design, 'unpaired')
    assert.deepEqual(result.runs, { baseline: 6, candidate: 4 })
  })

  it('needs 4 runs of each', () => {
    assert.equal(compareRuns('unpaired', latency, [1, 2, 3], [7, 8, 9]).verdict, 'not enough runs')
    assert.equal(compareRuns('unpaired', latency, [1], [2]).spread, null)
  })
})

describe('secondary metrics', () => {
  const worse = compareRuns('paired', latency, steady, steady.map(times(1.2)))
  const same = compareRuns('paired', latency, steady, steady)

  it('keep their result if there is only one', () => assert.deepEqual(adjustSecondary([worse]), [worse]))

  it('are worse only after adjustment, which changes neither same nor the interval', () => {
    const [first, second] = adjustSecondary([worse, same])
    assert.deepEqual([first?.verdict, first?.p, first?.adjustedP], ['inconclusive', 0.03125, 0.0625])
    assert.deepEqual(first?.interval, worse.interval)
    assert.equal(second?.verdict, 'same')
  })

  for (const [metrics, blocks] of [
    [1, 6],
    [2, 7],
    [3, 7],
    [4, 8],
    [10, 9],
    [20, 10]
  ] as const) {
    it(`need ${blocks} blocks if they are ${metrics}`, () => assert.equal(blocksNeeded(metrics), blocks))
  }
})

const hasTies = (runs: [number, number][]) => new Set(runs.flat()).size < 2 * runs.length

describe('any comparison', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 4 }),
    fc.double({ min: 0.5, max: 500, noNaN: true }).map((number) => Number(number.toPrecision(6)))
  )
  const block = fc.tuple(value, value)
  const blocks = fc.array(block, { minLength: 1, maxLength: 12 })
  const anyMetric = fc.constantFrom(latency, delivery)

  for (const design of ['paired', 'unpaired'] as const) {
    const compareBlocks = (metric: Metric, runs: [number, number][]) =>
      compareRuns(
        design,
        metric,
        runs.map(([baseline]) => baseline),
        runs.map(([, candidate]) => candidate)
      )

    it(`${design}: p and interval never contradict each other, and the interval holds the estimate`, () =>
      fc.assert(
        fc.property(anyMetric, blocks, (metric, runs) => {
          const { p, interval, estimate } = compareBlocks(metric, runs)
          const nothing = metric.scale === 'ratio' ? 1 : 0
          if (interval === null) {
            assert.ok(p >= ALPHA)
            return
          }
          assert.ok(interval.confidence >= 0.95)
          assert.ok(interval.low <= estimate && estimate <= interval.high)
          if (nothing < interval.low || nothing > interval.high) assert.ok(p < ALPHA)
          // With ties, p is conditional on them but the interval is not: it may reach past "no change".
          if (p < ALPHA && !hasTies(runs)) assert.ok(nothing <= interval.low || nothing >= interval.high)
        })
      ))

    it(`${design}: swapping the builds inverts the effect and mirrors the verdict`, () =>
      fc.assert(
        fc.property(anyMetric, blocks, (metric, runs) => {
          const one = compareBlocks(metric, runs)
          const other = compareBlocks(
            metric,
            runs.map(([baseline, candidate]) => [candidate, baseline])
          )
          const inverse = (effect: number) => (metric.scale === 'ratio' ? 1 / effect : -effect)
          assertAlike(other, { ...one, ...mirrored(one, inverse) })
        })
      ))

    it(`${design}: the unit of a ratio does not matter`, () =>
      fc.assert(
        fc.property(blocks, fc.double({ min: 0.001, max: 1000, noNaN: true }), (runs, unit) => {
          const scaled = runs.map(([baseline, candidate]): [number, number] => [
            baseline * unit,
            candidate * unit
          ])
          assertAlike(compareBlocks(latency, scaled), compareBlocks(latency, runs))
        })
      ))

    it(`${design}: the order of the blocks does not matter`, () =>
      fc.assert(
        fc.property(anyMetric, blocks, fc.infiniteStream(fc.nat()), (metric, runs, keys) => {
          const keyed = runs.map((run) => ({ run, key: Number(keys.next().value) }))
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ run }) => run)
          assertAlike(compareBlocks(metric, shuffled), compareBlocks(metric, runs))
        })
      ))
  }
})

function mirrored(
  comparison: MetricComparison,
  inverse: (effect: number) => number
): Partial<MetricComparison> {
  const { interval, verdict, runs } = comparison
  return {
    estimate: inverse(comparison.estimate),
    interval: interval && { ...interval, low: inverse(interval.high), high: inverse(interval.low) },
    verdict: verdict === 'better' ? 'worse' : verdict === 'worse' ? 'better' : verdict,
    runs: { baseline: runs.candidate, candidate: runs.baseline }
  }
}

/** Equal up to rounding. */
function assertAlike(actual: MetricComparison, expected: MetricComparison): void {
  assert.equal(actual.verdict, expected.verdict)
  assert.equal(actual.interval === null, expected.interval === null)
  const numbers = numbersOf(expected)
  numbersOf(actual).forEach((number, index) =>
    assertClose(number, numbers[index]!, 1e-9 * Math.max(1, Math.abs(number)))
  )
}

function numbersOf({
  estimate,
  interval,
  p,
  spread,
  minimumDetectable,
  runs,
  zerosReplaced
}: MetricComparison): number[] {
  const all = [
    estimate,
    interval?.low,
    interval?.high,
    p,
    spread,
    minimumDetectable,
    runs.baseline,
    runs.candidate
  ]
  return [...all.filter((number) => number != null), zerosReplaced]
}
