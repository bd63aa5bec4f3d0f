import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytes, chosen, count, dateTime, duration, milliseconds, percent, shortId } from './format'

describe('formatting numbers', () => {
  const cases: [(value: number | null | undefined) => string, number | null | undefined, string][] = [
    [count, 12_345, '12,345'],
    [count, 1_234_567, '1,234,567'],
    [count, null, '–'],
    [percent, 1, '100%'],
    [percent, 0.999_999_9, '99.99%'],
    [percent, 0.987_65, '98.77%'],
    [percent, 0.5, '50%'],
    [percent, NaN, '–'],
    [milliseconds, 0.4567, '0.46 ms'],
    [milliseconds, 12_345, '12.3 s'],
    [milliseconds, undefined, '–'],
    [bytes, 0, '0 B'],
    [bytes, 999, '999 B'],
    [bytes, 1_234_000, '1.23 MB'],
    [duration, 0, '0 s'],
    [duration, 59.6, '1:00'],
    [duration, 3725, '1:02:05'],
    [chosen, 0.4, '0.4 s'],
    [chosen, 2.5, '2.5 s'],
    [chosen, 5, '5 s'],
    [chosen, 3600, '1:00:00'],
    [chosen, undefined, '–'],
    [dateTime, 0, '–']
  ]
  for (const [format, value, text] of cases) {
    it(`${format.name || 'format'} of ${String(value)} is "${text}"`, () => assert.equal(format(value), text))
  }

  it('shortens long ids, and leaves others whole', () => {
    assert.equal(shortId('0x1234567890abcdef'), '0x12…cdef')
    assert.equal(shortId('peer-1'), 'peer-1')
  })
})
