import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { byRoundTrips } from './round-trips'

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
