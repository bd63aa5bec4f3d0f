import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TICK_MS, TickLateness } from './ticks'

describe('TickLateness', () => {
  it('counts a tick in time as not late', () => {
    const ticks = new TickLateness()
    for (let i = 0; i < 100; i++) ticks.record(0)
    assert.equal(ticks.count, 100)
    assert.equal(ticks.percentile(95), 0)
  })

  it('counts the ticks that a standstill swallowed, each with its own lateness', () => {
    const ticks = new TickLateness()
    for (let i = 0; i < 1000; i++) ticks.record(0)
    ticks.record(600 * TICK_MS)
    assert.equal(ticks.count, 1001)
    assert.equal(ticks.histogram.count, 1601)
    assert.ok(ticks.percentile(95) > 8000, `${ticks.percentile(95)}`)
    assert.ok(ticks.percentile(50) < 1)
  })

  it('has no lateness where no tick ran', () => {
    assert.equal(new TickLateness().percentile(95), 0)
  })
})
