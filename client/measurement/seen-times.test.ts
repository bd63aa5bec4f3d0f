import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeenTimes } from './seen-times'

describe('SeenTimes', () => {
  it('tells first arrivals from copies in any order', () =>
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 1000 }), (hundredths) => {
        const seen = new SeenTimes()
        const oracle = new Set<number>()
        for (const hundredth of hundredths) {
          const time = hundredth * 100
          assert.equal(seen.add(time), !oracle.has(time))
          oracle.add(time)
        }
      })
    ))

  it('remembers the last 30 s of a long stream, and treats older messages as copies', () => {
    const seen = new SeenTimes()
    for (let time = 0; time <= 1_000_000; time += 100) assert.ok(seen.add(time))
    assert.equal(seen.add(980_000), false)
    assert.equal(seen.add(980_050), true)
    assert.equal(seen.add(100_050), false)
  })
})
