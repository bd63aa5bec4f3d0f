/** Compares the set of runs with a plain Set, and checks the figures that bound its memory. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SequenceSet } from './sequence-set'

describe('SequenceSet', () => {
  it('holds the same as a Set after any adds and removes', () => {
    // A small range of numbers, so that runs touch, join and split.
    const sequence = fc.integer({ min: 0, max: 30 })
    const step = fc.record({ adds: fc.boolean(), sequence })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const runs = new SequenceSet()
        const plain = new Set<number>()
        for (const { adds, sequence } of steps)
          if (adds) {
            assert.equal(runs.add(sequence), !plain.has(sequence))
            plain.add(sequence)
          } else {
            runs.remove(sequence)
            plain.delete(sequence)
          }
        assert.equal(runs.highest, Math.max(-1, ...plain))
        assert.equal(runs.runCount, [...plain].filter((number) => !plain.has(number - 1)).length)
        for (let number = 0; number <= 31; number++) assert.equal(runs.add(number), !plain.has(number))
      })
    )
  })

  const ROWS: [string, number[], number][] = [
    ['counting up', Array.from({ length: 10_000 }, (_, index) => index), 1],
    ['counting down', Array.from({ length: 10_000 }, (_, index) => 10_000 - index), 1],
    ['every second', Array.from({ length: 100 }, (_, index) => index * 2), 100],
    ['every second, then those between', [0, 2, 4, 6, 1, 3, 5], 1],
    ['the same again', [5, 5, 5], 1],
    ['the largest number', [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1], 1]
  ]
  for (const [what, sequences, runs] of ROWS)
    it(`needs ${runs} for ${what}`, () => {
      const set = new SequenceSet()
      for (const sequence of sequences) set.add(sequence)
      assert.equal(set.runCount, runs)
      for (const sequence of sequences) assert.equal(set.add(sequence), false)
    })
})
