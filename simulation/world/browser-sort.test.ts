import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sortAsChromium } from './browser-sort'

function sorted<T>(values: readonly T[], compare?: (a: T, b: T) => number): T[] {
  const restore = sortAsChromium()
  try {
    return [...values].sort(compare)
  } finally {
    restore()
  }
}

describe("Chromium's sort", () => {
  it('agrees with this process if the comparator is consistent, and keeps the order of equal elements', () => {
    const byKey = (a: [number, number], b: [number, number]) => a[0] - b[0]
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(9), fc.nat()), { maxLength: 80 }), (pairs) =>
        assert.deepEqual(sorted(pairs, byKey), [...pairs].sort(byKey))
      )
    )
  })

  it('leaves the sort without a comparator as it is', () => assert.deepEqual(sorted([10, 9, 1]), [1, 10, 9]))

  it('compares by binary insertion', () => {
    const seen: string[] = []
    sorted([1, 2, 3, 4], (a, b) => {
      seen.push(`${a}-${b}`)
      return a - b
    })
    assert.deepEqual(seen, ['2-1', '3-2', '4-2', '4-3'])
  })
})
