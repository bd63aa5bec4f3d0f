import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pacer } from './pacer'

describe('A pacer', () => {
  const table: [string, { period: number; phase: number }, number[], number[][]][] = [
    ['nothing before the phase', { period: 100, phase: 30 }, [0, 29], [[], []]],
    ['the first at the phase', { period: 100, phase: 30 }, [30], [[30]]],
    ['each once, although asked often', { period: 100, phase: 0 }, [0, 50, 99, 100], [[0], [], [], [100]]],
    ['what became due between two ticks', { period: 10, phase: 5 }, [4, 27], [[], [5, 15, 25]]],
    ['all of them after a long delay', { period: 10, phase: 0 }, [50], [[0, 10, 20, 30, 40, 50]]],
    ['nothing again when time stands still', { period: 10, phase: 0 }, [0, 0], [[0], []]]
  ]
  for (const [name, { period, phase }, asked, expected] of table) {
    it(name, () => {
      const due = pacer(period, phase)
      assert.deepEqual(asked.map(due), expected)
    })
  }

  it('keeps the rate exactly, however the ticks come', () => {
    const ticks = fc.array(fc.double({ min: 0.1, max: 400, noNaN: true }), { minLength: 50, maxLength: 300 })
    fc.assert(
      fc.property(ticks, fc.double({ min: 0, max: 99, noNaN: true }), (deltas, phase) => {
        const due = pacer(100, phase)
        let elapsed = 0
        let fired = 0
        for (const delta of deltas) fired += due((elapsed += delta)).length
        assert.ok(Math.abs(fired - elapsed / 100) <= 1, `${fired} in ${elapsed} ms`)
      })
    )
  })

  it('fires 10.0 times a second over an hour of ~16 ms ticks', () => {
    const due = pacer(100, 42)
    let fired = 0
    for (let elapsed = 0; elapsed < 3_600_000; elapsed += 16.3) fired += due(elapsed).length
    assert.equal(fired, 36_000)
  })
})
