import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Histogram } from '../protocol/histogram'
import { decodeAscending } from '../protocol/varints'
import { pause } from './mesh-formation'
import { linksOf, statusOf, totalsOf } from './page-status'
import type { FakeMeshOptions } from './testing/fake-mesh'
import { PageWorld } from './testing/page-world'

const world = new PageWorld()

describe('a page of peers', () => {
  it('goes through its phases without a results server, and submits nothing', async () => {
    const { run, finished, phases } = world.open('numberOfPeers=3&testDuration=3&seed=1')
    await world.time.until(finished)
    assert.deepEqual(phases, ['connecting', 'ready', 'running', 'draining', 'done'])
    assert.equal(run.note, 'No testId: this run submits nothing')
    assert.deepEqual(statusOf(run, undefined).peers, { wanted: 3, ready: 3, done: 3 })
    assert.deepEqual([totalsOf(run).connected, linksOf(run.meshPeers)], [6, 3], 'a link has two ends')
    const { sent, received } = run.slots[0]!.current!.ledger.total
    assert.ok(sent >= 32 && sent <= 34, `10 positions and 1 profile a second for 3 s, not ${sent}`)
    assert.ok(received > 1.9 * sent && received < 2.1 * sent, `from two others, not ${received}`)
    assert.equal(world.server.points.length, 0)
  })

  it('starts when all are ready, and submits data points and results of the measured time', async () => {
    const { finished } = world.open(
      'testId=mine&numberOfPeers=4&statsSubmitInterval=1000',
      {},
      { expectedPeers: 4 }
    )
    await world.time.until(finished)
    const { startsAt } = world.server.state
    assert.deepEqual(
      world.allResults().map(({ number }) => number),
      [0, 1, 2, 3]
    )
    for (const finalResults of world.allResults()) {
      assert.deepEqual(finalResults.measured, { from: startsAt! + 1000, until: startsAt! + 4000 })
      assert.equal(finalResults.routine, 'stand')
      assert.equal(finalResults.group, 'blue')
      assert.ok(Math.abs(finalResults.messages.position.sent - 30) <= 1)
      assert.equal(finalResults.messages.position.duplicates, 0)
      const others = world.allResults().filter((other) => other !== finalResults)
      const owed = others.reduce((sum, { messages }) => sum + messages.position.sent, 0)
      assert.equal(finalResults.messages.position.received, owed)
      assert.ok(finalResults.wire.received >= owed)
    }
    for (const { number } of world.allResults()) {
      const id = [...world.server.results].find(([, finalResults]) => finalResults.number === number)![0]
      const sequences = world.server.points
        .filter(({ peerId }) => peerId === id)
        .map(({ sequence }) => sequence)
      assert.deepEqual(
        sequences,
        sequences.map((_, index) => index)
      )
      assert.ok(sequences.length >= 4)
    }
  })

  it('leaves what keeps the mesh alive before the start out of the first data point', async () => {
    const { run, finished } = world.open('testId=mine&numberOfPeers=2')
    await world.time.pass(65_000)
    assert.equal(run.phase, 'ready')
    world.server.start()
    await world.time.until(finished)
    for (const { sent, messages } of world.server.points) {
      const { position, profile, chat } = messages!
      assert.equal(sent, position.sent + profile.sent + chat.sent)
    }
  })

  it('does not judge what the build counts before the start, such as a ratio to nothing', async () => {
    const { mesh, finished } = world.open('testId=mine&numberOfPeers=2')
    await world.time.pass(5000)
    for (const peer of mesh.peers) {
      const periods = [NaN]
      peer.endStatsPeriod = () => ({ sent: periods.pop() ?? 1 })
    }
    world.server.start()
    await world.time.until(finished)
    assert.deepEqual(
      world.allResults().map(({ errors }) => errors),
      [[], []]
    )
    assert.ok(world.server.points.every(({ sent }) => sent === 1))
  })

  it('does the same twice with one seed, and something else with another', async () => {
    const sentTimes = async (seed: number) => {
      const { finished } = world.open(
        'testId=mine&numberOfPeers=3&routine=churn:1,loops:2',
        {},
        { expectedPeers: 3, duration: 40, seed }
      )
      await world.time.until(finished)
      world.server.close()
      return [...world.server.results]
        .map(([id, { number, messages }]) => [id, number, messages.position.sent])
        .sort()
    }
    const first = await sentTimes(7)
    assert.ok(first.length > 3, 'a churning peer comes back with another id')
    assert.deepEqual(await sentTimes(7), first)
    assert.notDeepEqual(await sentTimes(8), first)
  })

  it('counts what a churning peer sends in the very step in which it leaves', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=5&routine=churn',
      {},
      { expectedPeers: 5, duration: 22 }
    )
    await world.time.until(finished)
    assert.ok(world.server.results.size > 5)
    assert.ok(run.departed.length > 0)
    for (const [sender, { messages }] of world.server.results)
      for (const { heard } of world.allResults()) {
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
      const { finished } = world.open('testId=mine&numberOfPeers=2', { answer }, { expectedPeers: 2 })
      await world.time.until(finished)
      for (const { messages, measured } of world.allResults()) {
        const { sent, sentTimes } = messages.position
        const times = decodeAscending(sentTimes, measured.from)
        assert.ok(sent > 20)
        assert.equal(times.length, sent)
      }
    })

  const absences: [
    when: string,
    limit: 'mostPeers' | 'mostJoins' | 'mostGroups',
    duration: number,
    why: string
  ][] = [
    ['cannot be made', 'mostPeers', 30, 'full'],
    ['is refused', 'mostJoins', 30, 'full'],
    ['waits in vain at the end', 'mostGroups', 52, 'it was not there after 15 s'],
    ['leaves again before it is there', 'mostGroups', 60, 'it was not there after 15 s']
  ]
  for (const [when, limit, duration, why] of absences) {
    const line = new RegExp(`^Peer 0 could not come back: ${why}$`)
    it(`reports a peer that ${when}`, async () => {
      const { run, finished } = world.open(
        'testId=mine&numberOfPeers=2&routine=churn:1,stand:1',
        { [limit]: 2 },
        { expectedPeers: 2, duration }
      )
      await world.time.until(finished)
      const uncaught = world
        .allResults()
        .flatMap(({ page }) => (page!.uncaught.count > 0 ? page!.uncaught : []))
      assert.equal(uncaught.length, 1)
      assert.equal(uncaught[0]!.count, 1)
      assert.match(uncaught[0]!.first!, line)
      assert.match(statusOf(run, undefined).error ?? '', line)
    })

    it(`fails if the page's only peer ${when}`, async () => {
      const { finished } = world.open(
        'testId=mine&routine=churn',
        { [limit]: 1 },
        { expectedPeers: 1, duration }
      )
      await assert.rejects(world.time.until(finished), ({ message }: Error) => line.test(message))
      assert.equal(world.server.results.size, 1)
    })
  }

  it('reports a peer that could not leave properly', async () => {
    const { finished } = world.open(
      'testId=mine&numberOfPeers=2&routine=churn:1,stand:1',
      { farewell: () => Promise.reject(new Error('planted')) },
      { expectedPeers: 2, duration: 22 }
    )
    await world.time.until(finished)
    const uncaught = world
      .allResults()
      .flatMap(({ page }) => (page!.uncaught.count > 0 ? page!.uncaught : []))
    assert.deepEqual(uncaught, [{ count: 1, first: 'Peer 0 could not leave properly: planted' }])
  })

  it('lets a peer that has died take no leave', async () => {
    const { run, finished } = world.open(
      'testId=mine&numberOfPeers=2',
      { farewell: () => Promise.reject(new Error('planted')) },
      { expectedPeers: 2, duration: 22 }
    )
    setTimeout(() => run.slots[0]!.leave(true), 15_000)
    await world.time.until(finished)
    assert.equal(run.departed.length, 1)
    assert.deepEqual(world.allResults().map(({ page }) => page!.uncaught.count), [0, 0]) // prettier-ignore
  })

  it('says nothing of a peer that is still on its way at the end', async () => {
    const { finished } = world.open(
      'testId=mine&routine=churn',
      { mostGroups: 1 },
      { expectedPeers: 1, duration: 30 }
    )
    await world.time.until(finished)
    assert.equal(world.allResults()[0]!.page!.uncaught.count, 0)
  })

  it('gives its peers other ids in each test if a Lighthouse outlives the test', async () => {
    const idsOf = async (query: string, id: string) => {
      const { finished, mesh } = world.open(`${query}&testId=${id}`, {}, { id, expectedPeers: 1 })
      await world.time.until(finished)
      world.server.close()
      return mesh.peers.map(({ options }) => options.id)
    }
    assert.deepEqual(await idsOf('', 'a'), await idsOf('', 'b'))
    assert.notDeepEqual(await idsOf('peerIds=test', 'a'), await idsOf('peerIds=test', 'b'))
    assert.deepEqual(await idsOf('peerIds=test', 'a'), await idsOf('peerIds=test', 'a'))
  })

  it('counts copies as duplicates, not as messages', async () => {
    const { finished } = world.open('testId=mine&numberOfPeers=2', { copies: 3 }, { expectedPeers: 2 })
    await world.time.until(finished)
    const { messages } = world.allResults()[0]!
    assert.equal(messages.position.duplicates, 2 * messages.position.received)
  })

  it('measures latency by the server’s clock', async () => {
    const page = world.open('testId=mine&numberOfPeers=2', { delayMs: 40 }, { expectedPeers: 2 })
    world.server.clockOffset = 90_000
    await world.time.until(page.finished)
    const { clock, presence } = world.allResults()[0]!
    assert.ok(Math.abs(clock.offset - 90_000) <= clock.error + 1, `${clock.offset} ± ${clock.error}`)
    assert.ok(presence.joined > performance.timeOrigin + 90_000, 'nobody is present by another clock')
    const p50 = page.run.slots[0]!.current!.ledger.latency.percentile(50) / 1000
    assert.ok(Math.abs(p50 - 40) <= 1, `${p50}`)
  })
})

describe('the entry of peers', () => {
  /** ms between the joins of each peer and the next. */
  async function gaps(mesh: FakeMeshOptions): Promise<number[]> {
    const page = world.open('numberOfPeers=4&testDuration=1', mesh)
    await world.time.until(page.finished)
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

describe('a page that sleeps over the start', () => {
  for (const [when, answerMs, skew] of [
    ['of which it hears too late', 3000, 3000],
    ['for which it waits', 0, 0]
  ] as const)
    it(`${when}, owes its part and tells how late it is`, async () => {
      const { finished } = world.open(
        'testId=mine&numberOfPeers=2',
        {},
        { expectedPeers: 2, duration: 20, warmup: 1 }
      )
      const answer = world.server.answer.bind(world.server)
      world.server.answer = async (url, init) => {
        const answered = await answer(url, init)
        if (url.searchParams.has('waitFor')) await pause(answerMs)
        return answered
      }
      while (world.server.state.startsAt === undefined) await world.time.pass(100)
      await world.time.pass(100)
      world.time.stall(5000)
      await world.time.pass(5000)
      world.time.stall(1)
      await world.time.until(finished)
      for (const { messages, nominal, startedAt, ticks, measured } of world.allResults()) {
        const { sent, unsent = 0 } = messages.position
        assert.ok(Histogram.decode(ticks.lateness).max > 3e6, 'no tick was late')
        const late = startedAt - world.server.state.startsAt
        assert.ok(skew === 0 ? late === 0 : late >= skew, `${late}`)
        assert.ok(Math.abs(nominal.position - 10 * 19) < 1, `${nominal.position}`)
        assert.ok(sent + unsent >= nominal.position - 1, `${sent} and ${unsent} until ${measured.until}`)
      }
    })
})

describe('a page that comes late', () => {
  it('joins, and is measured from then on', async () => {
    const page = world.open('testId=mine&numberOfPeers=2', {}, { expectedPeers: 2, duration: 20 })
    await world.time.pass(9000)
    const late = world.openMore('testId=mine&peerNumbers=2', page.mesh)
    await world.time.until(Promise.all([page.finished, late.finished]))
    const [latest] = world.allResults().sort((a, b) => b.presence.joined - a.presence.joined)
    assert.ok(latest!.presence.joined > world.server.state.startsAt! + 5000)
    assert.ok(latest!.startedAt >= latest!.presence.joined)
    const seconds = (latest!.measured.until - latest!.presence.joined) / 1000
    assert.ok(Math.abs(latest!.nominal.position - 10 * seconds) < 1e-6)
  })

  it('is owed what is sent from its own start on', async () => {
    const page = world.open(
      'testId=mine&numberOfPeers=2',
      { connectMs: 60 },
      { expectedPeers: 2, duration: 14 }
    )
    await world.time.pass(7000)
    const late = world.openMore('testId=mine&peerNumbers=2,3,4,5,6,7', page.mesh)
    await world.time.until(Promise.all([page.finished, late.finished]))
    const senders = [...world.server.results].filter(([, { number }]) => number < 2)
    for (const { number, presence, heard } of world.allResults().slice(2))
      for (const [sender, { messages, measured }] of senders) {
        const sent = decodeAscending(messages.position.sentTimes, measured.from)
        const owed = sent.filter((at) => at >= presence.joined)
        assert.equal(heard[sender]?.[0], owed.length, `peer ${number}`)
      }
  })
})
