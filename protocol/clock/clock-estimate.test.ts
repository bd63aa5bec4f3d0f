import fc from 'fast-check'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ClockEstimate, driftOf, offsetAt } from './clock-estimate'

/** A remote clock that is `skew` ms ahead at local 0 and gains `ppm` µs a second. */
const remoteClock = (skew: number, ppm: number) => (local: number) => local * (1 + ppm * 1e-6) + skew

/** Makes round trips with random, unequal directions, in bursts of 8 every 10 s. */
function observe(remote: (local: number) => number, seconds: number, way: () => number): ClockEstimate {
  const estimate = new ClockEstimate()
  for (let second = 0; second <= seconds; second += 10) {
    for (let i = 0; i < 8; i++) {
      const departure = second * 1000 + i * 30
      const read = departure + way()
      estimate.add({ departure, remote: remote(read), return: read + way() })
    }
  }
  return estimate
}

describe('ClockEstimate', () => {
  it('has no estimate before the first round trip', () =>
    assert.deepEqual(offsetAt(new ClockEstimate().bound, 5), { offset: 0, error: Infinity }))

  it('takes the middle of a single round trip, plus or minus half of it', () => {
    const estimate = new ClockEstimate()
    estimate.add({ departure: 100, remote: 1104, return: 106 })
    assert.deepEqual(offsetAt(estimate.bound, 103), { offset: 1001, error: 3 })
  })

  it('is never further off than it states, whatever the skew, the drift and the path', () => {
    const any = fc.tuple(
      fc.double({ min: -250, max: 250, noNaN: true }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.array(fc.double({ min: 0.05, max: 20, noNaN: true }), { minLength: 20, maxLength: 200 }),
      fc.integer({ min: 0, max: 300 }),
      fc.integer({ min: 0, max: 10_000 })
    )
    fc.assert(
      fc.property(any, ([skew, ppm, ways, seconds, later]) => {
        const remote = remoteClock(skew, ppm)
        let next = 0
        const estimate = observe(remote, seconds, () => ways[next++ % ways.length]!)
        const now = seconds * 1000 + later
        const { offset, error } = offsetAt(estimate.bound, now)
        assert.ok(Math.abs(offset - (remote(now) - now)) <= error + 1e-6, `${offset} ± ${error}`)
      })
    )
  })

  it('recovers a latency between clocks of ±250 ms and ±100 ppm within the stated error', () => {
    let state = 1
    const way = () => 0.2 + (state = (state * 16807) % 2147483647) / 2147483647
    const estimates = [observe(remoteClock(250, -100), 60, way), observe(remoteClock(-250, 100), 60, way)]
    const [sender, receiver] = estimates.map((estimate) => (local: number) => {
      const { offset, error } = offsetAt(estimate.bound, local)
      return { time: local + offset, error }
    })
    // The same instant and 7 ms later, as each page's own clock shows them. The server's clock is the
    // reference.
    const localOf = (skew: number, ppm: number, server: number) => (server - skew) / (1 + ppm * 1e-6)
    const sent = sender!(localOf(250, -100, 65_000))
    const arrived = receiver!(localOf(-250, 100, 65_007))
    const latency = arrived.time - sent.time
    const error = sent.error + arrived.error
    assert.ok(Math.abs(latency - 7) <= error, `${latency} ± ${error}`)
    assert.ok(error < 2, `${error}`)
  })

  it('notices the drift', () => {
    const estimate = observe(remoteClock(0, 80), 60, () => 0.3)
    const { ppm, errorPpm } = driftOf(estimate.bound)
    assert.ok(Math.abs(ppm - 80) < 15, `${ppm}`)
    assert.ok(errorPpm < 15)
  })

  it('is as exact an hour later if both clocks are one kernel’s', () => {
    const estimate = observe(remoteClock(250, 0), 0, () => 0.3)
    estimate.assumeNoDrift()
    const { offset, error } = offsetAt(estimate.bound, 3_600_000)
    assert.ok(error < 0.31 && Math.abs(offset - 250) <= error, `${offset} ± ${error}`)
  })

  it('does not believe in one kernel against a round trip', () => {
    const estimate = observe(remoteClock(0, 100), 0, () => 0.3)
    estimate.assumeNoDrift()
    const remote = remoteClock(0, 100)
    estimate.add({ departure: 60_000, remote: remote(60_000.3), return: 60_000.6 })
    const { offset, error } = offsetAt(estimate.bound, 70_000)
    assert.ok(Math.abs(offset - (remote(70_000) - 70_000)) <= error, `${offset} ± ${error}`)
    assert.notEqual(driftOf(estimate.bound).errorPpm, 0)
  })

  it('forgets round trips of two minutes ago: the drift may have changed', () => {
    const estimate = new ClockEstimate()
    estimate.add({ departure: 0, remote: 0, return: 0.2 })
    estimate.add({ departure: 121_000, remote: 121_010, return: 121_020 })
    assert.deepEqual(driftOf(estimate.bound), { ppm: 0, errorPpm: 200 })
  })

  it('starts over when a clock is set', () => {
    const estimate = observe(remoteClock(0, 0), 30, () => 0.5)
    estimate.add({ departure: 40_000, remote: 99_000, return: 40_001 })
    const { offset, error } = offsetAt(estimate.bound, 40_000.5)
    assert.equal(offset, 58_999.5)
    assert.equal(error, 0.5)
  })
})
