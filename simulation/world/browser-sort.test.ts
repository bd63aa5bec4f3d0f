import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sortAsChromium } from './browser-sort'

function asInChromium<T>(action: () => T): T {
  const own = { sort: Array.prototype.sort, toSorted: Array.prototype.toSorted }
  sortAsChromium()
  try {
    return action()
  } finally {
    Object.assign(Array.prototype, own)
  }
}

function sorted<T>(values: readonly T[], compare?: (a: T, b: T) => number): T[] {
  return asInChromium(() => [...values].sort(compare))
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

  it('asks no comparator about what is undefined, which comes last', () =>
    assert.deepEqual(
      sorted<number | undefined>([3, undefined, 1], (a, b) => a! - b!),
      [1, 3, undefined]
    ))

  it('sorts what is like an array', () => {
    const alike: ArrayLike<number> = { length: 2, 0: 2, 1: 1 }
    asInChromium(() => void Array.prototype.sort.call(alike, (a: number, b: number) => a - b))
    assert.deepEqual(alike, { length: 2, 0: 1, 1: 2 })
  })

  for (const method of ['sort', 'toSorted'] as const)
    it(`compares by binary insertion: ${method}`, () => {
      const seen: string[] = []
      asInChromium(() =>
        [1, undefined, 2, 3, 4][method]((a, b) => {
          seen.push(`${a}-${b}`)
          return a! - b!
        })
      )
      assert.deepEqual(seen, ['2-1', '3-2', '4-2', '4-3'])
    })
})
