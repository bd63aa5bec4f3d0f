import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { offsetAt } from '../protocol/clock/clock-estimate'
import { SystemClockWatch } from '../protocol/clock/discipline'
import { localTime } from '../protocol/clock/server-clock'
import type { SystemClock } from '../protocol/clock/system-clock'
import { ResultsClient } from '../protocol/api-client'
import { machineClock } from './machine-clock'

/**
 * A machine clock and a server whose clock is `skew` ms ahead and which answers `delay` ms after reading it.
 */
async function startClock(
  t: TestContext,
  skew: number,
  delay = 0,
  { system, tell }: { system?: () => SystemClock; tell?: (line: string) => void } = {}
): Promise<ReturnType<typeof machineClock>> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json')
    const answer = JSON.stringify({ now: localTime() + skew, system: system?.() })
    setTimeout(() => response.end(answer), delay)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = new ResultsClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const shared = machineClock(client, 'runner-1', tell)
  t.after(() => {
    shared.clock.stop()
    server.closeAllConnections()
    server.close()
  })
  await shared.clock.start()
  return shared
}

describe('the clock of a machine', () => {
  for (const skew of [-250, 0, 250]) {
    it(`finds a server ${skew} ms ahead within the error that it states`, async (t) => {
      const { clock, next } = await startClock(t, skew)
      const { id, bound } = await next()
      const { offset, error } = offsetAt(bound, localTime())
      assert.equal(id, 'runner-1')
      assert.ok(Math.abs(offset - skew) <= error, `${offset} ± ${error}`)
      assert.ok(Math.abs(clock.now() - localTime() - skew) <= error + 1)
    })
  }

  it('takes no other reading of the process for its own', async (t) => {
    const skews = [250, -250, 100]
    const clocks = await Promise.all(skews.map((skew, index) => startClock(t, skew, 20 * index)))
    for (const [index, { next }] of clocks.entries()) {
      const { offset, error } = offsetAt((await next()).bound, localTime())
      assert.ok(Math.abs(offset - skews[index]!) <= error, `${offset} ± ${error}`)
    }
  })

  it('knows a distant server’s clock by the system clock that both read', async (t) => {
    const here = new SystemClockWatch(localTime).read()
    const { next } = await startClock(t, 250, 40, { system: () => ({ ...here, ahead: here.ahead - 250 }) })
    const { bound } = await next()
    const { offset, error } = offsetAt(bound, localTime())
    assert.ok(error < 1 && Math.abs(offset - 250) <= error, `${offset} ± ${error}`)
    assert.equal(bound.source, 'same system clock')
    assert.deepEqual(
      offsetAt(bound, localTime() + 3_600_000),
      { offset, error },
      'one kernel’s clocks run alike'
    )
  })

  it('notices a system clock that is not what it is said to be, and falls back on round trips', async (t) => {
    const told: string[] = []
    const { next } = await startClock(t, 250, 40, {
      system: () => new SystemClockWatch(localTime).read(),
      tell: (line) => told.push(line)
    })
    const { offset, error } = offsetAt((await next()).bound, localTime())
    assert.ok(error > 15 && Math.abs(offset - 250) <= error, `${offset} ± ${error}`)
    assert.match(
      told.join(),
      /^The same system clock of .* one of the clocks is wrong, and only round trips are used$/
    )
  })

  it('hands all tabs the same estimate at the same time, and each only once', async (t) => {
    const { next } = await startClock(t, 0)
    const first = await next()
    const [one, other] = await Promise.all([next(first.bound.at), next(first.bound.at)])
    assert.deepEqual(one, other)
    assert.ok(one.bound.at > first.bound.at)
    assert.deepEqual(await next(first.bound.at), one)
  })

  it('cannot start where the server is away', async () => {
    const { clock } = machineClock(new ResultsClient({ url: 'http://127.0.0.1:9', retries: 0 }), 'runner-1')
    await assert.rejects(clock.start())
  })
})
