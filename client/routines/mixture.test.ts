import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseMixture } from '../../cli/kinds'
import { ROUTINES } from '../../protocol/names'
import { routineNameOf } from './'

describe('mixtures', () => {
  const wrong: [string, RegExp][] = [
    ['dance', /must be one of stand, loops/],
    ['', /must be a routine/],
    ['loops:', /must be a routine/],
    ['loops:0', /must be a routine/],
    ['loops:8,,churn:2', /must be a routine/],
    ['loops:-1', /must be a routine/],
    ['loops:99999', /must be a routine/],
    ['toString', /must be one of stand/]
  ]
  for (const [text, error] of wrong) {
    it(`refuses "${text}"`, () => assert.throws(() => parseMixture(text), error))
  }

  it('give each cycle of peers the requested weights', () => {
    const part = fc.record({
      name: fc.constantFrom(...Object.keys(ROUTINES)),
      weight: fc.integer({ min: 1, max: 20 })
    })
    const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 5, selector: ({ name }) => name })
    fc.assert(
      fc.property(parts, fc.nat(10_000), (wanted, first) => {
        const mixture = parseMixture(wanted.map(({ name, weight }) => `${name}:${weight}`).join(','))
        const cycle = wanted.reduce((sum, { weight }) => sum + weight, 0)
        const names = Array.from({ length: cycle }, (_, index) => routineNameOf(mixture, first + index))
        for (const { name, weight } of wanted) {
          assert.equal(names.filter((candidate) => candidate === name).length, weight)
        }
        assert.equal(routineNameOf(mixture, first), routineNameOf(mixture, first + cycle))
      })
    )
  })
})
