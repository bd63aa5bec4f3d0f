import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AccessQueue } from './access'
import { PERFECT, type Path } from './link'
import { Overtaking, Route } from './route'

const SECONDS = 1000

/** When datagrams arrive that are sent every `period` ms; undefined if lost. */
function arrivals(path: Partial<Path>, { period = 10, seconds = 60, seed = 1 } = {}) {
  const route = new Route(seed)
  return Array.from({ length: (seconds * SECONDS) / period }, (_, number) =>
    route.arrivalOf(number * period, { ...PERFECT, ...path })
  )
}

const delaysOf = (times: readonly unknown[], period: number) =>
  times.map((time, number) => (time as number) - number * period)

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const deviationOf = (values: readonly number[]) => {
  const mean = meanOf(values)
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))
}
const lostOf = (times: readonly unknown[]) => times.map((time) => time === undefined)
const shareOf = (flags: readonly boolean[]) => flags.filter(Boolean).length / flags.length

describe('a route', () => {
  it('repeats with its seed', () => {
    const path = { delay: 40, jitter: 5, loss: 0.1, burst: 50, reorder: 0.1 }
    assert.deepEqual(arrivals(path), arrivals(path))
    assert.notDeepEqual(arrivals(path, { seed: 2 }), arrivals(path))
  })

  it('loses what it should, the same datagrams whatever the delay is', () => {
    const lost = lostOf(arrivals({ loss: 0.1 }))
    assert.ok(Math.abs(shareOf(lost) - 0.1) < 0.02, `${shareOf(lost)}`)
    assert.deepEqual(lostOf(arrivals({ loss: 0.1, delay: 100, jitter: 9 })), lost)
  })

  it('lets some overtake', () => {
    const overtaking = arrivals({ delay: 40, reorder: 0.2 }).map((time) => time instanceof Overtaking)
    assert.ok(Math.abs(shareOf(overtaking) - 0.2) < 0.03, `${shareOf(overtaking)}`)
  })

  const loads = [50, 10, 5, 1]
  for (const period of loads) {
    it(`varies its delay as configured, in order, with ${1000 / period} datagrams a second`, () => {
      const times = arrivals({ delay: 40, jitter: 10 }, { period, seconds: 600 }) as number[]
      const delays = delaysOf(times, period)
      assert.ok(Math.abs(meanOf(delays) - 40) < 1.5, `mean ${meanOf(delays)}`)
      assert.ok(Math.abs(deviationOf(delays) - 10) < 1, `deviation ${deviationOf(delays)}`)
      assert.ok(
        times.every((time, number) => number === 0 || time >= times[number - 1]!),
        'out of order'
      )
    })
  }

  it('has the same delay at the same time, however much is sent', () => {
    const [few, many] = [100, 1].map((period) =>
      delaysOf(arrivals({ delay: 40, jitter: 10 }, { period }), period)
    )
    const common = few!.map((_, number) => many![number * 100]!)
    assert.deepEqual(common, few)
  })

  it('loses in bursts of the configured length, however much is sent', () => {
    for (const period of [20, 1]) {
      const lost = lostOf(arrivals({ loss: 0.05, burst: 100 }, { period, seconds: 2000 }))
      assert.ok(Math.abs(shareOf(lost) - 0.05) < 0.008, `${shareOf(lost)} lost`)
      const bursts = lost.filter((isLost, number) => isLost && !lost[number - 1]).length
      const length = (lost.filter(Boolean).length / bursts) * period
      // A burst between two datagrams goes unseen, and one that is seen looks longer.
      assert.ok(Math.abs(length - 100 - period / 2) < 12, `bursts of ${length} ms at every ${period} ms`)
    }
  })
})

describe('an access line', () => {
  it('keeps its rate, and drops what would wait for more than 250 ms', () => {
    const queue = new AccessQueue()
    const left = Array.from({ length: 100 }, () => queue.leaves(0, 1000, 800_000))
    assert.deepEqual(left.slice(0, 3), [10, 20, 30])
    assert.equal(left.filter((at) => at === undefined).length, 74)
    assert.equal(queue.leaves(1000, 1000, 800_000), 1010)
  })

  it('without a rate holds up nothing', () => {
    const queue = new AccessQueue()
    assert.deepEqual([queue.leaves(7, 1000, Infinity), queue.leaves(5, 1000, Infinity)], [7, 5])
  })
})
