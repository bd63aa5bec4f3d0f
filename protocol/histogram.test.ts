import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { build } from 'hdr-histogram-js'
import { Histogram } from './histogram'
import { encodeVarints } from './varints'

const HIGHEST = 2 ** 40
const value = fc.oneof(fc.nat(3000), fc.nat(100_000), fc.integer({ min: 0, max: HIGHEST }))
const values = fc.array(value, { minLength: 1, maxLength: 300 })

function histogramOf(recorded: Iterable<number>): Histogram {
  const histogram = new Histogram()
  for (const one of recorded) histogram.record(one)
  return histogram
}

/** hdr-histogram-js with the same precision. */
function oracleOf(recorded: Iterable<number>) {
  const oracle = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST * 2,
    numberOfSignificantValueDigits: 3
  })
  for (const one of recorded) oracle.recordValue(one)
  return oracle
}

describe('Histogram', () => {
  it('has the same percentiles as HdrHistogram', () => {
    const percent = fc.constantFrom(0.1, 1, 25, 50, 90, 95, 99, 99.9, 100)
    fc.assert(
      fc.property(values, percent, (recorded, p) =>
        assert.equal(histogramOf(recorded).percentile(p), oracleOf(recorded).getValueAtPercentile(p))
      )
    )
  })

  it('is within 1/1024 of every value', () =>
    fc.assert(
      fc.property(value, (one) => {
        const { max } = histogramOf([one])
        assert.ok(max >= one && max - one <= one / 1024, `${one} → ${max}`)
      })
    ))

  it('decodes to what was encoded, and merges like values', () =>
    fc.assert(
      fc.property(values, values, (left, right) => {
        const sum = Histogram.decode(histogramOf(left).encode())
        sum.addEncoded(histogramOf(right).encode())
        const both = histogramOf([...left, ...right])
        assert.deepEqual([...sum.buckets()], [...both.buckets()])
        assert.equal(sum.count, left.length + right.length)
        const added = histogramOf(left)
        added.add(histogramOf(right))
        assert.equal(added.encode(), both.encode())
      })
    ))

  it('has no figures when it is empty', () => {
    const histogram = new Histogram()
    assert.equal(histogram.encode(), '')
    assert.equal(histogram.count, 0)
    assert.ok(Number.isNaN(histogram.percentile(50)))
    assert.ok(Number.isNaN(histogram.max))
  })

  for (const [recorded, counted] of [
    [-3, 0],
    [2.5, 3],
    [Infinity, Histogram.decode(histogramOf([HIGHEST]).encode()).max]
  ] as const)
    it(`counts ${recorded} as ${counted}`, () => assert.equal(histogramOf([recorded]).max, counted))

  it('refuses NaN and invalid encodings', () => {
    assert.throws(() => new Histogram().record(NaN), RangeError)
    for (const numbers of [[1], [2 ** 30, 1]])
      assert.throws(() => Histogram.decode(encodeVarints(numbers)), RangeError)
    assert.throws(() => Histogram.decode('*'), RangeError)
  })
})
