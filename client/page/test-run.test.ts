import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { decodeAscending } from '../../protocol/varints'
import { parseParameters } from './parameters'
import { linksOf, statusOf, totalsOf } from './page-status'
import { PageCounts } from './measurement/page-counts'
import { TestRun } from './test-run'
import { FAKE_WEBRTC, FakeMesh, type FakeMeshOptions } from './testing/fake-mesh'
import { FakeResultsServer, LIGHTHOUSE_URL, RESULTS_URL } from './testing/fake-results-server'
import { startVirtualTime, type VirtualTime } from './testing/virtual-time'

let time: VirtualTime
let server: FakeResultsServer
beforeEach(() => {
  Object.assign(globalThis, { window: globalThis })
  time = startVirtualTime()
})
afterEach(() => {
  server.close()
  time.end()
})

interface Page {
  run: TestRun
  mesh: FakeMesh
  finished: Promise<void>
  phases: string[]
}

function open(
  query: string,
  mesh: FakeMeshOptions = {},
  test: ConstructorParameters<typeof FakeResultsServer>[0] = {}
): Page {
  server = new FakeResultsServer(test)
  return openMore(query, new FakeMesh(mesh))
}

/** Opens a page on the existing server. */
function openMore(query: string, mesh: FakeMesh): Page {
  const phases: string[] = []
  const address = `?lighthouseUrl=${LIGHTHOUSE_URL}&statsServerUrl=${RESULTS_URL}&firstPeerNumber=0&${query}`
  const parts = { libraries: mesh.libraries, webRtc: FAKE_WEBRTC, counts: new PageCounts() }
  const run = new TestRun(parseParameters(address, ''), parts, () => {
    if (phases.at(-1) !== run.phase) phases.push(run.phase)
  })
  const finished = run.run()
  finished.catch(() => undefined)
  return { run, mesh, finished, phases }
}

/** Final results in the order of the peers' numbers. */
const allResults = () => [...server.results.values()].sort((a, b) => a.number - b.number)

describe('a page of peers', () => {
  it('goes through its phases without a results server, and submits nothing', async () => {
    const { run, finished, phases } = open('numberOfPeers=3&testDuration=3&seed=1')
    await time.until(finished)
    assert.deepEqual(phases, ['connecting', 'ready', 'running', 'draining', 'done'])
    assert.equal(run.note, 'No testId: this run submits nothing')
    assert.deepEqual(statusOf(run, undefined).peers, { wanted: 3, ready: 3, done: 3 })
    assert.deepEqual([totalsOf(run).connected, linksOf(run.meshPeers)], [6, 3], 'a link has two ends')
    const { sent, received } = run.slots[0]!.current!.ledger.total
    assert.ok(sent >= 32 && sent <= 34, `10 positions and 1 profile a second for 3 s, not ${sent}`)
    assert.ok(received > 1.9 * sent && received < 2.1 * sent, `from two others, not ${received}`)
    assert.equal(server.points.length, 0)
  })

  it('starts when all are ready, and submits data points and results of the measured time', async () => {
    const { finished } = open(
      'testId=mine&numberOfPeers=4&statsSubmitInterval=1000',
      {},
      { expectedPeers: 4 }
    )
    await time.until(finished)
    const { startsAt } = server.state
    assert.deepEqual(
      allResults().map(({ number }) => number),
      [0, 1, 2, 3]
    )
    for (const finalResults of allResults()) {
      assert.deepEqual(finalResults.measured, { from: startsAt! + 1000, until: startsAt! + 4000 })
      assert.equal(finalResults.routine, 'stand')
      assert.equal(finalResults.group, 'blue')
      assert.ok(Math.abs(finalResults.messages.position.sent - 30) <= 1)
      assert.equal(finalResults.messages.position.duplicates, 0)
      const others = allResults().filter((other) => other !== finalResults)
      const owed = others.reduce((sum, { messages }) => sum + messages.position.sent, 0)
      assert.equal(finalResults.messages.position.received, owed)
      assert.ok(finalResults.wire.received >= owed)
    }
    for (const { number } of allResults()) {
      const id = [...server.results].find(([, finalResults]) => finalResults.number === number)![0]
      const sequences = server.points.filter(({ peerId }) => peerId === id).map(({ sequence }) => sequence)
      assert.deepEqual(
        sequences,
        sequences.map((_, index) => index)
      )
      assert.ok(sequences.length >= 4)
    }
  })

  it('does the same twice with one seed, and something else with another', async () => {
    const sentTimes = async (seed: number) => {
      const { finished } = open(
        'testId=mine&numberOfPeers=3&routine=churn:1,loops:2',
        {},
        { expectedPeers: 3, duration: 40, seed }
      )
      await time.until(finished)
      server.close()
      return [...server.results]
        .map(([id, { number, messages }]) => [id, number, messages.position.sent])
        .sort()
    }
    const first = await sentTimes(7)
    assert.ok(first.length > 3, 'a churning peer comes back with another id')
    assert.deepEqual(await sentTimes(7), first)
    assert.notDeepEqual(await sentTimes(8), first)
  })

  it('counts what a churning peer sends in the very step in which it leaves', async () => {
    const { finished } = open(
      'testId=mine&numberOfPeers=5&routine=churn',
      {},
      { expectedPeers: 5, duration: 22 }
    )
    await time.until(finished)
    assert.ok(server.results.size > 5)
    for (const [sender, { messages }] of server.results)
      for (const { heard } of allResults()) {
        const [positions = 0, , profiles = 0] = heard[sender] ?? []
        assert.ok(positions <= messages.position.sent, `${positions} of ${messages.position.sent}`)
        assert.ok(profiles <= messages.profile.sent, `${profiles} of ${messages.profile.sent}`)
      }
  })

  let sends = 0
  const answers: [what: string, answer: () => Promise<void>][] = [
    [
      'accepts messages in another order than it got them',
      () => new Promise((resolve) => setTimeout(resolve, 150 * (sends++ % 3)))
    ],
    ['does not say when it has accepted a message', () => undefined as never]
  ]
  for (const [what, answer] of answers)
    it(`measures a library that ${what}`, async () => {
      const { finished } = open('testId=mine&numberOfPeers=2', { answer }, { expectedPeers: 2 })
      await time.until(finished)
      for (const { messages, measured } of allResults()) {
        const { sent, sentTimes } = messages.position
        const times = decodeAscending(sentTimes, measured.from)
        assert.ok(sent > 20)
        assert.equal(times.length, sent)
      }
    })

  const absences: [when: string, limit: 'mostJoins' | 'mostGroups', duration: number, why: string][] = [
    ['is refused', 'mostJoins', 30, 'full'],
    ['waits in vain at the end', 'mostGroups', 52, 'it was not there after 15 s'],
    ['leaves again before it is there', 'mostGroups', 60, 'it was not there after 15 s']
  ]
  for (const [when, limit, duration, why] of absences) {
    const line = new RegExp(`^Peer 0 could not come back: ${why}$`)
    it(`reports a peer that ${when}`, async () => {
      const { run, finished } = open(
        'testId=mine&numberOfPeers=2&routine=churn:1,stand:1',
        { [limit]: 2 },
        { expectedPeers: 2, duration }
      )
      await time.until(finished)
      const uncaught = allResults().flatMap(({ page }) => (page!.uncaught.count > 0 ? page!.uncaught : []))
      assert.equal(uncaught.length, 1)
      assert.equal(uncaught[0]!.count, 1)
      assert.match(uncaught[0]!.first!, line)
      assert.match(statusOf(run, undefined).error ?? '', line)
    })

    it(`fails if the page's only peer ${when}`, async () => {
      const { finished } = open('testId=mine&routine=churn', { [limit]: 1 }, { expectedPeers: 1, duration })
      await assert.rejects(time.until(finished), ({ message }: Error) => line.test(message))
      assert.equal(server.results.size, 1)
    })
  }

  it('reports a peer that could not leave properly', async () => {
    const { finished } = open(
      'testId=mine&numberOfPeers=2&routine=churn:1,stand:1',
      { farewell: () => Promise.reject(new Error('planted')) },
      { expectedPeers: 2, duration: 22 }
    )
    await time.until(finished)
    const uncaught = allResults().flatMap(({ page }) => (page!.uncaught.count > 0 ? page!.uncaught : []))
    assert.deepEqual(uncaught, [{ count: 1, first: 'Peer 0 could not leave properly: planted' }])
  })

  it('says nothing of a peer that is still on its way at the end', async () => {
    const { finished } = open(
      'testId=mine&routine=churn',
      { mostGroups: 1 },
      { expectedPeers: 1, duration: 30 }
    )
    await time.until(finished)
    assert.equal(allResults()[0]!.page!.uncaught.count, 0)
  })

  it('gives its peers other ids in each test if a Lighthouse outlives the test', async () => {
    const idsOf = async (query: string, id: string) => {
      const { finished, mesh } = open(`${query}&testId=${id}`, {}, { id, expectedPeers: 1 })
      await time.until(finished)
      server.close()
      return mesh.peers.map(({ options }) => options.id)
    }
    assert.deepEqual(await idsOf('', 'a'), await idsOf('', 'b'))
    assert.notDeepEqual(await idsOf('peerIds=test', 'a'), await idsOf('peerIds=test', 'b'))
    assert.deepEqual(await idsOf('peerIds=test', 'a'), await idsOf('peerIds=test', 'a'))
  })

  it('counts copies as duplicates, not as messages', async () => {
    const { finished } = open('testId=mine&numberOfPeers=2', { copies: 3 }, { expectedPeers: 2 })
    await time.until(finished)
    const { messages } = allResults()[0]!
    assert.equal(messages.position.duplicates, 2 * messages.position.received)
  })

  it('measures latency by the server’s clock', async () => {
    const page = open('testId=mine&numberOfPeers=2', { delayMs: 40 }, { expectedPeers: 2 })
    server.clockOffset = 90_000
    await time.until(page.finished)
    const { clock, presence } = allResults()[0]!
    assert.ok(Math.abs(clock.offset - 90_000) <= clock.error + 1, `${clock.offset} ± ${clock.error}`)
    assert.ok(presence.joined > performance.timeOrigin + 90_000, 'nobody is present by another clock')
    const p50 = page.run.slots[0]!.current!.ledger.latency.percentile(50) / 1000
    assert.ok(Math.abs(p50 - 40) <= 1, `${p50}`)
  })
})

describe('the entry of peers', () => {
  /** ms between the joins of each peer and the next. */
  async function gaps(mesh: FakeMeshOptions): Promise<number[]> {
    const page = open('numberOfPeers=4&testDuration=1', mesh)
    await time.until(page.finished)
    const joined = page.run.slots.map(({ current }) => current!.presence!.joined)
    return joined.slice(1).map((at, index) => at - joined[index]!)
  }

  it('admits the next peer once the previous one has its connections', async () => {
    const [toTheFirst, ...others] = await gaps({ connectMs: 20 })
    assert.ok(toTheFirst! < 10, 'the first finds nobody to dial')
    for (const gap of others) assert.ok(gap >= 20 && gap < 40, `${gap}`)
  })

  it('waits 75 ms at most', async () => {
    const [, ...others] = await gaps({ connectMs: 1000 })
    for (const gap of others) assert.ok(gap >= 75 && gap < 90, `${gap}`)
  })
})

describe('the end of a page', () => {
  const FINISHED_EARLY = /^Error: The test was finished on the server before its time$/

  it('comes early when stopped, with what was measured so far', async () => {
    const { run, finished } = open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2, duration: 60 })
    await time.pass(8000)
    assert.equal(run.phase, 'running')
    run.stop()
    await time.until(finished, 5000)
    assert.equal(server.results.size, 2)
    const { measured } = allResults()[0]!
    assert.ok(measured.until < server.state.startsAt! + 9000)
  })

  it('comes early when the server asks for the final results, and submits them', async () => {
    const { run, finished } = open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2, duration: 60 })
    await time.pass(8000)
    server.stops = true
    await time.until(finished, 5000)
    assert.equal(server.results.size, 2)
    assert.equal(run.note, undefined)
  })

  it('leaves no data point behind if the server was away for long', async () => {
    const { finished } = open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2 })
    while (server.state.startsAt === undefined) await time.pass(100)
    await time.pass(1500)
    server.isThere = false
    await time.pass(60_000)
    server.isThere = true
    await time.until(finished, 300_000)
    assert.equal(server.results.size, 2)
    assert.deepEqual(server.points.map(({ sequence }) => sequence).sort(), [0, 0, 1, 1])
  })

  it('comes immediately if the server has finished the test', async () => {
    const { run, finished } = open(
      'testId=mine&numberOfPeers=2&statsSubmitInterval=500',
      {},
      { expectedPeers: 2, duration: 60 }
    )
    await time.pass(6000)
    server.finish()
    await assert.rejects(time.until(finished, 2000), FINISHED_EARLY)
    assert.deepEqual(statusOf(run, undefined).peers, { wanted: 2, ready: 2, done: 0 })
  })

  it('is no success if the test is finished while its peers drain', async () => {
    const { run, finished } = open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2 })
    while (run.phase !== 'draining') await time.pass(100)
    server.finish()
    await assert.rejects(time.until(finished, 3000), FINISHED_EARLY)
  })

  it('comes without a start if the test was already finished', async () => {
    const { run, finished, phases } = open('testId=mine&numberOfPeers=2')
    await time.pass(4000)
    assert.equal(run.phase, 'ready')
    server.finish()
    Object.assign(server.state, { startsAt: undefined })
    await assert.rejects(time.until(finished, 2000), /^Error: The test was finished before it was started$/)
    assert.deepEqual(phases, ['connecting', 'ready'])
  })

  it('comes at once if the test is finished while its peers cannot connect, whose cause is named early', async () => {
    const { run, finished, phases } = open('testId=mine&numberOfPeers=2', { connectMs: Infinity })
    await time.pass(11_000)
    assert.match(run.trouble!, /^No WebRTC connection opened in 10 s.*--disable-features/)
    server.finish()
    Object.assign(server.state, { startsAt: undefined })
    await assert.rejects(time.until(finished, 2000), /^Error: The test was finished before it was started$/)
    assert.deepEqual(phases, ['connecting'])
  })

  it('is one line if the time of the test is over', async () => {
    server = new FakeResultsServer({ duration: 2 })
    server.start()
    await time.pass(10_000)
    const { finished } = openMore('testId=mine', new FakeMesh())
    await assert.rejects(time.until(finished), /^Error: The time of this test is over: create another one$/)
  })

  it('fails if a connected peer hears nothing, but submits its results', async () => {
    const { finished } = open(
      'testId=mine&numberOfPeers=3',
      { deaf: [1] },
      { expectedPeers: 3, duration: 60 }
    )
    await assert.rejects(time.until(finished), /DEAD RECEIVER: peer 0x\w+ is connected and got \d+ packets/)
    assert.equal(server.results.size, 3)
  })

  it('is good if its peers only listen, however long they waited for the start', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const { finished } = open('testId=mine&numberOfPeers=4&routine=listen', {}, { duration: 15, seed })
      await time.pass(80_000)
      server.start()
      await time.until(finished)
      assert.equal(server.results.size, 4)
      server.close()
    }
  })

  it('is good if one of its peers comes back and the others say nothing for a while', async () => {
    for (let seed = 0; seed < 3; seed++) {
      const { finished } = open(
        'testId=mine&numberOfPeers=5&routine=churn:1,listen:4',
        {},
        { expectedPeers: 5, duration: 400, seed }
      )
      await time.until(finished, 500_000)
      server.close()
    }
  })

  it('says so, and leaves the verdict to the server, if an overloaded page hears nothing', async () => {
    const { run, finished } = open(
      'testId=mine&numberOfPeers=3',
      { deaf: [1] },
      { expectedPeers: 3, duration: 20 }
    )
    time.stall(200)
    await time.until(finished)
    assert.match(statusOf(run, undefined).error ?? '', /^DEAD RECEIVER: peer .*too busy/)
    assert.equal(allResults()[1]!.messages.position.received, 0)
  })

  it('is one line if there is no such test or no server', async () => {
    const page = open('testId=other')
    await assert.rejects(time.until(page.finished), /There is no test other: create it by curl -X POST/)
    server.isThere = false
    const again = openMore('testId=mine', new FakeMesh())
    await assert.rejects(
      time.until(again.finished),
      /No results server answers at http:\/\/results:9904: start it/
    )
  })
})

describe('a page that comes late', () => {
  it('joins, and is measured from then on', async () => {
    const page = open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2, duration: 20 })
    await time.pass(9000)
    const late = openMore('testId=mine&peerNumbers=2', page.mesh)
    await time.until(Promise.all([page.finished, late.finished]))
    const [latest] = allResults().sort((a, b) => b.presence.joined - a.presence.joined)
    assert.ok(latest!.presence.joined > server.state.startsAt! + 5000)
    assert.ok(latest!.startedAt >= latest!.presence.joined)
    const seconds = (latest!.measured.until - latest!.presence.joined) / 1000
    assert.ok(Math.abs(latest!.nominal.position - 10 * seconds) < 1e-6)
  })

  it('is owed what is sent from its own start on', async () => {
    const page = open('testId=mine&numberOfPeers=2', { connectMs: 60 }, { expectedPeers: 2, duration: 14 })
    await time.pass(7000)
    const late = openMore('testId=mine&peerNumbers=2,3,4,5,6,7', page.mesh)
    await time.until(Promise.all([page.finished, late.finished]))
    const senders = [...server.results].filter(([, { number }]) => number < 2)
    for (const { number, presence, heard } of allResults().slice(2))
      for (const [sender, { messages, measured }] of senders) {
        const sent = decodeAscending(messages.position.sentTimes, measured.from)
        const owed = sent.filter((at) => at >= presence.joined)
        assert.equal(heard[sender]?.[0], owed.length, `peer ${number}`)
      }
  })
})
