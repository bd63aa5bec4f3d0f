import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { statusOf } from './page-status'
import type { Routine, SimulatedPeer } from './routine'
import { ROUTINES } from './routines'
import { FakeMesh } from './testing/fake-mesh'
import { FakeResultsServer } from './testing/fake-results-server'
import { PageWorld } from './testing/page-world'

const world = new PageWorld()

describe('the end of a page', () => {
  const FINISHED_EARLY = /^Error: The test was finished on the server before its time$/
  const FINISHED_WITHOUT_THEM =
    /^Error: The test was finished before these peers could start: create another one$/

  const MISTAKES: [what: string, routine: (...given: Parameters<Routine>) => unknown, line: string][] = [
    ['throws', () => new URL('nowhere'), 'Invalid URL'],
    ['rejects', async () => Promise.reject(new Error('later')), 'later'],
    ['moves to no place', (_elapsed, _delta, peer) => peer.moveTo([0, NaN, 0]), 'there is no place 0,NaN,0']
  ]
  for (const [what, routine, line] of MISTAKES)
    it(`comes at once if a routine ${what}, and names it`, async (t) => {
      t.mock.method(ROUTINES.stand, 'create', () => (elapsed: number, delta: number, peer: SimulatedPeer) => {
        return elapsed > 1000 ? routine(elapsed, delta, peer) : undefined
      })
      const { finished } = world.open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2, duration: 60 })
      const failed = new RegExp(`^Error: client/routines/stand.ts threw: ${line}$`)
      await assert.rejects(world.time.until(finished, 12_000), failed)
      assert.equal(world.server.results.size, 2)
    })

  it('counts what a routine rejects with after its end', async (t) => {
    t.mock.method(ROUTINES.stand, 'create', () => async () => {
      await new Promise((resolve) => setTimeout(resolve, 8000))
      throw new Error('late')
    })
    const { finished } = world.open('testId=mine', {}, { expectedPeers: 1, duration: 7 })
    await world.time.until(finished)
    const { uncaught } = world.allResults()[0]!.page!
    assert.match(uncaught.first!, /^client\/routines\/stand.ts threw: late$/)
  })

  it('comes early when stopped, with what was measured so far', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=2',
      {},
      { expectedPeers: 2, duration: 60 }
    )
    await world.time.pass(8000)
    assert.equal(run.phase, 'running')
    run.stop()
    await world.time.until(finished, 5000)
    assert.equal(world.server.results.size, 2)
    const { measured } = world.allResults()[0]!
    assert.ok(measured.until < world.server.state.startsAt! + 9000)
  })

  it('comes early when the server asks for the final results, and submits them', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=2',
      {},
      { expectedPeers: 2, duration: 60 }
    )
    await world.time.pass(8000)
    world.server.stops = true
    await world.time.until(finished, 5000)
    assert.equal(world.server.results.size, 2)
    assert.equal(run.note, undefined)
  })

  it('leaves no data point behind if the server was away for long', async () => {
    const { finished } = world.open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2 })
    while (world.server.state.startsAt === undefined) await world.time.pass(100)
    await world.time.pass(1500)
    world.server.isThere = false
    await world.time.pass(60_000)
    world.server.isThere = true
    await world.time.until(finished, 300_000)
    assert.equal(world.server.results.size, 2)
    assert.deepEqual(world.server.points.map(({ sequence }) => sequence).sort(), [0, 0, 1, 1, 2, 2])
  })

  it('ends the last interval, whatever its length: what comes while peers drain is of another one', async () => {
    const { finished } = world.open(
      'testId=mine&statsSubmitInterval=5000',
      {},
      { expectedPeers: 1, duration: 13 }
    )
    await world.time.until(finished)
    const { points, state } = world.server
    const ends = points.map(({ interval }) => Math.round((interval!.until - state.startsAt!) / 1000))
    assert.deepEqual(ends, [5, 10, 13, 15])
  })

  it('comes immediately if the server has finished the test', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=2&statsSubmitInterval=500',
      {},
      { expectedPeers: 2, duration: 60 }
    )
    await world.time.pass(6000)
    world.server.finish()
    await assert.rejects(world.time.until(finished, 2000), FINISHED_EARLY)
    assert.deepEqual(statusOf(run, undefined).peers, { wanted: 2, ready: 2, done: 0 })
  })

  it('is no success if the test is finished while its peers drain', async () => {
    const { run, finished } = world.open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2 })
    while (run.phase !== 'draining') await world.time.pass(100)
    world.server.finish()
    await assert.rejects(world.time.until(finished, 3000), FINISHED_EARLY)
  })

  it('comes without a start if the test was already finished', async () => {
    const { run, finished, phases } = world.open('testId=mine&numberOfPeers=2')
    await world.time.pass(4000)
    assert.equal(run.phase, 'ready')
    world.server.finish()
    Object.assign(world.server.state, { startsAt: undefined })
    await assert.rejects(world.time.until(finished, 2000), FINISHED_WITHOUT_THEM)
    assert.deepEqual(phases, ['connecting', 'ready'])
  })

  it('comes at once if the test is finished while its peers cannot connect, whose cause is named early', async () => {
    const { run, finished, phases } = world.open('testId=mine&numberOfPeers=2', { connectMs: Infinity })
    await world.time.pass(11_000)
    assert.match(run.trouble!, /^No WebRTC connection opened in 10 s.*--disable-features/)
    world.server.finish()
    Object.assign(world.server.state, { startsAt: undefined })
    await assert.rejects(world.time.until(finished, 2000), FINISHED_WITHOUT_THEM)
    assert.deepEqual(phases, ['connecting'])
  })

  it('is not near for peers that connect late, whose trouble is over then', async () => {
    const { run } = world.open('testId=mine&numberOfPeers=2', { connectMs: 12_000 })
    await world.time.pass(11_000)
    assert.match(run.trouble!, /^No WebRTC connection opened in 10 s/)
    await world.time.pass(4_000)
    assert.deepEqual([run.phase, run.trouble], ['ready', undefined])
  })

  for (const [what, query] of [
    ['have some', 'numberOfPeers=2&mesh=full&meshPeers=3'],
    ['know nobody', 'numberOfPeers=1&mesh=full&meshPeers=2']
  ])
    it(`blames no connections while its peers ${what}`, async () => {
      const { run } = world.open(`testId=mine&${query}`)
      await world.time.pass(11_000)
      assert.deepEqual([run.phase, run.trouble], ['connecting', undefined])
    })

  it('is one line if the time of the test is over', async () => {
    world.server = new FakeResultsServer({ duration: 2 })
    world.server.start()
    await world.time.pass(10_000)
    const { finished } = world.openMore('testId=mine', new FakeMesh())
    await assert.rejects(
      world.time.until(finished),
      /^Error: The time of this test is over: create another one$/
    )
  })

  it('is one line if the page is opened again once the test is finished', async () => {
    world.server = new FakeResultsServer()
    world.server.start()
    world.server.finish()
    const { finished } = world.openMore('testId=mine', new FakeMesh())
    await assert.rejects(world.time.until(finished), FINISHED_WITHOUT_THEM)
  })

  it('fails if a connected peer hears nothing, but submits its results', async () => {
    const { finished } = world.open(
      'testId=mine&numberOfPeers=3',
      { deaf: [1] },
      { expectedPeers: 3, duration: 60 }
    )
    await assert.rejects(
      world.time.until(finished),
      /DEAD RECEIVER: peer 0x\w+ is connected and got \d+ packets/
    )
    assert.equal(world.server.results.size, 3)
  })

  it('fails once Chromium refuses a connection, but submits its results', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=3&routine=churn',
      { mostConnections: 5 },
      { expectedPeers: 3, duration: 100 }
    )
    await assert.rejects(
      world.time.until(finished),
      /^Error: Chromium refused a WebRTC connection, .* fewer peers/
    )
    assert.ok(run.elapsed < 60_000 && world.server.results.size >= 5, `${run.elapsed}`)
  })

  it('is good if its peers only listen, however long they waited for the start', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { finished } = world.open(
        'testId=mine&numberOfPeers=4&routine=listen',
        {},
        { duration: 15, seed }
      )
      await world.time.pass(80_000)
      world.server.start()
      await world.time.until(finished)
      assert.equal(world.server.results.size, 4)
      world.server.close()
    }
  })

  it('is good if one of its peers comes back and the others say nothing for a while', async () => {
    for (let seed = 0; seed < 3; seed++) {
      const { finished } = world.open(
        'testId=mine&numberOfPeers=5&routine=churn:1,listen:4',
        {},
        { expectedPeers: 5, duration: 400, seed }
      )
      await world.time.until(finished, 500_000)
      world.server.close()
    }
  })

  it('says so, and leaves the verdict to the server, if an overloaded page hears nothing', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=3',
      { deaf: [1] },
      { expectedPeers: 3, duration: 20 }
    )
    world.time.stall(200)
    await world.time.until(finished)
    assert.match(statusOf(run, undefined).error ?? '', /^DEAD RECEIVER: peer .*too busy/)
    assert.equal(world.allResults()[1]!.messages.position.received, 0)
  })

  it('is one line if there is no such test or no server', async () => {
    const page = world.open('testId=other')
    await assert.rejects(world.time.until(page.finished), /There is no test other: create it by curl -X POST/)
    world.server.isThere = false
    const again = world.openMore('testId=mine', new FakeMesh())
    await assert.rejects(
      world.time.until(again.finished),
      /No results server answers at http:\/\/results:9904: start it/
    )
  })
})
