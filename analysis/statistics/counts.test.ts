import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertClose } from '../testing/assert-close'
import { binomialTail, fisherTail, isShownBelow, upperLimit } from './counts'

describe('P(X ≤ count) of a binomial distribution', () => {
  for (const [count, trials, share, expected] of [
    [0, 5, 0.1, 0.9 ** 5],
    [2, 10, 0.5, 56 / 1024],
    [9, 10, 0.5, 1023 / 1024],
    [10, 10, 0.3, 1],
    [99, 10, 0.3, 1],
    [199, 200, 0.999, 1 - 0.999 ** 200],
    [-1, 10, 0.3, 0]
  ] as const) {
    it(`is ${expected.toPrecision(3)} for ${count} of ${trials} at ${share}`, () =>
      assertClose(binomialTail(count, trials, share), expected))
  }
})

it('the upper limit of a share after one look is that of Clopper and Pearson', () => {
  // Without losses it is 1 − α^(1/n): the "rule of three".
  assertClose(upperLimit([{ count: 0, trials: 59 }], 0.05), 1 - 0.05 ** (1 / 59))
  assertClose(binomialTail(3, 40, upperLimit([{ count: 3, trials: 40 }], 0.05)), 0.05)
  assert.equal(upperLimit([{ count: 4, trials: 4 }], 0.05), 1)
})

it('gives the p-values of the lady who tasted tea (Fisher 1935)', () => {
  const right = (count: number) => fisherTail({ count, trials: 4 }, { count: 4 - count, trials: 4 })
  for (const [count, ways] of [70, 69, 53, 17, 1].entries()) assertClose(right(count), ways / 70)
})

describe('a share below a limit', () => {
  it('is shown by 59 trials without a loss at 5%, and not by 58', () => {
    assert.equal(isShownBelow([{ trials: 59, count: 0 }], 0.05, 0.05), true)
    assert.equal(isShownBelow([{ trials: 58, count: 0 }], 0.05, 0.05), false)
  })

  it('spends the level once: a look that passed nothing leaves all of it to the next', () => {
    const looks = [
      { trials: 58, count: 0 },
      { trials: 93, count: 1 }
    ]
    assert.equal(isShownBelow(looks, 0.05, 0.05), isShownBelow(looks.slice(1), 0.05, 0.05))
    assert.equal(isShownBelow(looks, 0.05, 0.05), true)
  })

  it('is harder to show after a look that could have shown it', () => {
    const alone = [{ trials: 93, count: 1 }]
    assert.equal(isShownBelow(alone, 0.05, 0.05), true)
    const later = [{ trials: 59, count: 1 }, ...alone, { trials: 155, count: 1 }]
    assert.deepEqual(
      [1, 2, 3].map((looks) => isShownBelow(later.slice(0, looks), 0.05, 0.05)),
      [false, false, true]
    )
  })
})
