import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ApiError, type ResultsClient } from '../protocol/api-client'
import type { BatchPoint } from '../protocol/data-point'
import type { PeerResults } from '../protocol/peer-results'
import { readServerTime } from './page-clock'
import { localSession, serverSession, ServerSession } from './test-session'
import { FakeResultsServer, RESULTS_URL } from './testing/fake-results-server'
import { VirtualTime } from './testing/virtual-time'

const time = new VirtualTime()
let server: FakeResultsServer
beforeEach(() => {
  server = new FakeResultsServer()
})
afterEach(() => server.close())

const open = (testId = 'mine', seed?: number): Promise<ServerSession> =>
  time.until(serverSession(testId, { resultsServerUrl: RESULTS_URL, seed }))
const point = (sequence: number) => ({ peerId: 'a', sequence }) as BatchPoint

describe('a session with a results server', () => {
  it('uses the seed of the test, or that of the address', async () => {
    assert.equal((await open()).seed, 7)
    assert.equal((await open('mine', 9)).seed, 9)
  })

  it('reports in one line that there is no such test or no server', async () => {
    await assert.rejects(open('other'), /^Error: There is no test other: create it by curl -X POST \S+$/)
    server.isThere = false
    await assert.rejects(open(), /^Error: No results server answers at http:\/\/results:9904: start it/)
  })

  it('reads the server’s clock between departure and return', async () => {
    const session = await open()
    server.clockOffset = 5000
    const { departure, remote, return: arrival } = await time.until(readServerTime(session.client))
    assert.ok(departure <= arrival)
    assert.equal(remote, performance.timeOrigin + performance.now() + 5000)
  })

  it('waits for the start, and gives its plan', async () => {
    const session = await open()
    const start = session.awaitStart()
    await time.pass(500)
    server.start()
    const { startsAt, duration, warmup } = (await time.until(start))!
    assert.deepEqual([startsAt, duration, warmup], [server.state.startsAt, 4, 1])
    assert.equal(session.isFinished, false)
  })

  it('has no start if the test is finished', async () => {
    const session = await open()
    server.finish()
    assert.equal(await time.until(session.awaitStart()), undefined)
    assert.equal(session.isFinished, true)
  })

  it('keeps data points while the server is away, reports it, and delivers each once', async () => {
    const session = await open()
    await time.until(session.submit([point(0)]))
    server.isThere = false
    const submitted = session.submit([point(1)])
    await time.pass(20_000)
    server.isThere = true
    await time.until(submitted)
    await time.until(session.submit([point(2)]))
    assert.deepEqual(
      server.points.map(({ sequence }) => sequence),
      [0, 1, 2]
    )
    assert.equal(session.trouble, undefined)
  })

  it('gives up after about a minute, without rejecting, and keeps the points for the next time', async () => {
    const session = await open()
    server.isThere = false
    const begin = performance.now()
    await time.until(session.submit([point(0)]), 300_000)
    const seconds = (performance.now() - begin) / 1000
    assert.ok(seconds > 30 && seconds < 120, `${seconds} s`)
    assert.match(
      session.trouble!,
      /The results server is not reachable at http:\/\/results:9904 \(connection refused\)/
    )
    server.isThere = true
    await time.until(session.submit([point(1)]))
    assert.deepEqual(
      server.points.map(({ sequence }) => sequence),
      [0, 1]
    )
  })

  it('does not treat a finished test as an error', async () => {
    server.finish()
    for (const submit of [
      (session: ServerSession) => session.ready('a'),
      (session: ServerSession) => session.submit([point(0)]),
      async (session: ServerSession) =>
        assert.equal(await session.submitResults('a', {} as PeerResults), false)
    ]) {
      const session = await open()
      await time.until(submit(session))
      assert.equal(session.isFinished, true)
      assert.equal(session.trouble, undefined)
    }
  })
})

describe('the data points of a session', () => {
  const points = (count: number, from = 0) => Array.from({ length: count }, (_, index) => point(from + index))
  /** Its server answers by `take`. */
  function openWith(take: (sequences: number[]) => Promise<unknown>): ServerSession {
    const submitPoints = async (_testId: string, batch: BatchPoint[]) => {
      await take(batch.map(({ sequence }) => sequence))
      return { state: 'running' }
    }
    return new ServerSession({ submitPoints } as unknown as ResultsClient, 'mine', 7)
  }

  it('are sent in batches, in order', async () => {
    const batches: number[][] = []
    const session = openWith((batch) => Promise.resolve(batches.push(batch)))
    await session.submit(points(120))
    assert.deepEqual(
      batches.map(({ length }) => length),
      [50, 50, 20]
    )
    assert.deepEqual(batches.flat(), [...Array(120).keys()])
  })

  for (const trouble of [
    new Error('away'),
    ...[408, 429, 500].map((status) => new ApiError(status, '', `${status}`))
  ])
    it(`are kept if they could not be sent (${trouble.message}), and sent with the next`, async () => {
      let isAway = true
      const sent: number[] = []
      const session = openWith((batch) =>
        isAway ? Promise.reject(trouble) : Promise.resolve(sent.push(...batch))
      )
      await session.submit(points(3))
      assert.deepEqual([sent, session.trouble], [[], trouble.message])
      isAway = false
      await session.submit([])
      assert.deepEqual([sent, session.trouble], [[0, 1, 2], undefined])
    })

  it('are dropped from the oldest if there are too many, and counted', async () => {
    let isAway = true
    const sent: number[] = []
    const session = openWith((batch) =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(sent.push(...batch))
    )
    await session.submit(points(10_000))
    await session.submit(points(6, 10_000))
    assert.equal(session.trouble, '6 data points are lost. away')
    isAway = false
    await session.submit([])
    assert.deepEqual([sent[0], sent.length], [6, 10_000])
  })

  it('come in halves of a batch that is too large for the server', async () => {
    const lengths: number[] = []
    const session = openWith(({ length }) => {
      lengths.push(length)
      return length > 13
        ? Promise.reject(new ApiError(413, 'body-too-large', 'too large'))
        : Promise.resolve()
    })
    await session.submit(points(60))
    assert.deepEqual(lengths, [50, 25, 13, 13, 13, 13, 8])
    assert.equal(session.trouble, undefined)
  })

  it('are given up and counted if the server refuses them for good', async () => {
    let attempts = 0
    const session = openWith(() => {
      attempts++
      return Promise.reject(new ApiError(400, 'invalid', 'refused'))
    })
    await session.submit(points(3))
    assert.equal(session.trouble, '3 data points are lost. refused')
    await session.submit([])
    assert.equal(attempts, 1)
  })

  it('are sent by one request at a time', async () => {
    let underWay = 0
    let sends = 0
    const session = openWith(async () => {
      assert.equal(++underWay, 1)
      sends++
      await Promise.resolve()
      underWay--
    })
    await Promise.all([session.submit(points(100)), session.submit(points(100))])
    assert.equal(sends, 4)
  })
})

describe('a session without a results server', () => {
  it('starts immediately and runs as long as the page does', async () => {
    const session = localSession(3)
    assert.equal(session.seed, 3)
    assert.deepEqual(await session.awaitStart(), { warmup: 0 })
  })

  it('draws a seed if none is given', () => assert.ok(Number.isInteger(localSession(undefined).seed)))
})
