import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterTick, periodic, startTicks, TICK_MS, TickLateness } from './ticks'

describe('startTicks', () => {
  it('keeps to the grid of its origin, even after a freeze, and reports how late each tick is', async () => {
    const origin = performance.now() - 1000.3
    const ticks: { index: number; lateness: number; at: number }[] = []
    const stop = startTicks(origin, (instant, lateness) => {
      ticks.push({ index: (instant - origin) / TICK_MS, lateness, at: performance.now() })
      if (ticks.length === 5) while (performance.now() < ticks[4]!.at + 4.5 * TICK_MS);
    })
    while (ticks.length < 8) await sleep(TICK_MS)
    stop()
    const { length } = ticks
    for (const [i, { index, at }] of ticks.entries()) {
      assert.ok(Math.abs(index - Math.round(index)) < 1e-6, `${index}`)
      // Node's timers fire up to a millisecond early; those of browsers do not.
      assert.ok(at >= origin + index * TICK_MS - 2)
      if (i > 0) assert.ok(index > ticks[i - 1]!.index)
    }
    assert.ok(ticks[5]!.index >= ticks[4]!.index + 4 - 1e-6)
    assert.ok(ticks[5]!.lateness >= 2.5 * TICK_MS, `${ticks[5]!.lateness}`)
    await sleep(3 * TICK_MS)
    assert.equal(ticks.length, length)
  })
})

it('afterTick does the work halfway to the next tick', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const work = t.mock.fn()
  afterTick(work)
  t.mock.timers.tick(Math.floor(TICK_MS / 2))
  assert.equal(work.mock.callCount(), 0)
  t.mock.timers.tick(1)
  assert.equal(work.mock.callCount(), 1)
})

describe('periodic', () => {
  for (const { passed, expected } of [
    { passed: 0, expected: [100, 210, 400] },
    { passed: 50, expected: [60, 160, 400] },
    { passed: 1990, expected: [10, 149.9, 210, 400] }
  ])
    it(`reports the first step of each period, ${passed} ms later`, () => {
      const isNew = periodic(100, passed)
      assert.deepEqual([0, 10, 60, 90, 100, 149.9, 160, 210, 400, 401].filter(isNew), expected)
    })
})

describe('TickLateness', () => {
  it('counts a punctual tick as not late', () => {
    const ticks = new TickLateness()
    for (let i = 0; i < 100; i++) ticks.record(0)
    assert.equal(ticks.count, 100)
    assert.equal(ticks.figures.latenessP95, 0)
  })

  it('counts the ticks that a freeze swallowed, each with its own lateness', () => {
    const ticks = new TickLateness()
    for (let i = 0; i < 1000; i++) ticks.record(0)
    ticks.record(600 * TICK_MS)
    assert.equal(ticks.count, 1001)
    assert.equal(ticks.histogram.count, 1601)
    assert.ok(ticks.figures.latenessP95 > 8000, `${ticks.figures.latenessP95}`)
    assert.ok(ticks.figures.latenessP50 < 1)
  })

  it('has no lateness if no tick ran', () => assert.equal(new TickLateness().figures.latenessP95, 0))
})
