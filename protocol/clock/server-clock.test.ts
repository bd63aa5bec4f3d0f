import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { ClockEstimate, type OffsetBound } from './clock-estimate'
import { agree, byRoundTrips, bySharing, ServerClock, type NextSharedBound } from './server-clock'

/** The bound from one round trip at local 1000 to a clock that is `offset` ms ahead. */
function boundOf(offset: number, roundTrip = 1): OffsetBound {
  const estimate = new ClockEstimate()
  estimate.add({ departure: 1000, remote: 1000 + roundTrip / 2 + offset, return: 1000 + roundTrip })
  return estimate.bound
}

describe('two estimates of one clock', () => {
  const table: [name: string, other: OffsetBound, expected: boolean][] = [
    ['the same', boundOf(5), true],
    ['within both errors', boundOf(5.9), true],
    ['farther apart than both errors', boundOf(6.2), false],
    ['far apart, but one is hardly known', boundOf(10, 20), true],
    ['one is not known at all', new ClockEstimate().bound, true],
    ['a machine clock that was set by a second', boundOf(1005), false]
  ]
  for (const [name, other, expected] of table) {
    it(`${expected ? 'agree' : 'disagree'}: ${name}`, () => {
      assert.equal(agree(boundOf(5), other, 1000.5), expected)
      assert.equal(agree(other, boundOf(5), 1000.5), expected)
    })
  }
})

describe('a clock that follows a source', () => {
  it('rejects where the first reading fails', async () => {
    const clock = new ServerClock('id', () => Promise.reject(new Error('no server')))
    await assert.rejects(clock.start(), /no server/)
  })

  it('uses each bound as it arrives, asks for the next, and survives a failure', async () => {
    const asked: (number | undefined)[] = []
    let deliver: ((bound: OffsetBound) => void) | undefined
    const next: NextSharedBound = (seenAt) => {
      asked.push(seenAt)
      if (asked.length === 2) return Promise.reject(new Error('for once'))
      if (asked.length === 1) return Promise.resolve({ id: 'r', bound: boundOf(5) })
      return new Promise((resolve) => {
        deliver = (bound) => resolve({ id: 'r', bound })
      })
    }
    const clock = new ServerClock('r', bySharing(next), () => 1000.5)
    await clock.start()
    assert.deepEqual(clock.offset(), { offset: 5, error: 0.5 })
    while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
    clock.stop()
    deliver!(boundOf(5.2, 0.2))
    await new Promise(setImmediate)
    assert.ok(Math.abs(clock.now() - 1005.7) < 0.001, `${clock.now()}`)
    assert.deepEqual(asked, [undefined, 1000.5, 1000.5])
  })

  it('knows the drift and the source of its bound', async () => {
    const clock = new ServerClock('r', () => new Promise(() => undefined))
    assert.equal(clock.source, 'round trips')
    await clock.start({ ...boundOf(5), drift: { low: 8e-6, high: 12e-6 }, source: 'system clocks' })
    assert.deepEqual([Math.round(clock.driftPpm), clock.source], [10, 'system clocks'])
  })

  it('is the local clock, without error, if there is no source', async () => {
    const clock = new ServerClock('own', undefined, () => 7)
    await clock.start()
    assert.equal(clock.now(), 7)
    assert.deepEqual(clock.offset(), { offset: 0, error: 0 })
    assert.equal(clock.driftPpm, 0)
  })
})

const settled = () => new Promise(setImmediate)

describe('round trips', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  const table: [name: string, isOneKernel: boolean, readings: number][] = [
    ['in one burst, and one reading every 10 s, if the clock is this kernel’s', true, 8 + 2],
    ['in bursts every second, while its drift is unknown', false, 8 + 8 * 21]
  ]
  for (const [name, isOneKernel, readings] of table) {
    it(`are made ${name}`, async () => {
      let now = 0
      let made = 0
      const read = () => {
        made++
        return Promise.resolve({ departure: now, remote: now + 5, return: now + 10 })
      }
      const source = byRoundTrips(read, () => isOneKernel)
      const follow = (): void => void source().then(follow, () => undefined)
      follow()
      for (; now < 25_000; now += 10) {
        await settled()
        mock.timers.tick(10)
      }
      assert.equal(made, readings)
    })
  }
})
