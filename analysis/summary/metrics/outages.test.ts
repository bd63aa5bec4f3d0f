import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Metrics } from '../../../protocol/data-point'
import { fakeDocument } from '../../testing/fake-mesh'
import { IntervalTallies, LinkTally, outageMetrics, type PlannedOutage } from './outages'

const START = 1_000_000
const SECOND = 1000
const PEERS = 4
const SENT = 20

/**
 * Intervals of 2 s with four peers, each of which sends 20 messages. `arrived` gives the share of owed
 * messages that arrived in each interval, and how many of them were late.
 */
function tallied(arrived: readonly { share: number; late?: number }[], silent: readonly number[] = []) {
  const tallies = new IntervalTallies()
  const nothing = { sent: 0, received: 0, duplicates: 0, latency: '' }
  arrived.forEach(({ share, late = 0 }, index) => {
    // A point is cut at the first tick after the edge.
    const [from, until] = [START + index * 2 * SECOND + 9, START + (index + 1) * 2 * SECOND + 14]
    const position = { ...nothing, sent: SENT, received: Math.round(share * SENT * (PEERS - 1)), late }
    const metrics = {
      messages: { position, profile: nothing, chat: nothing },
      links: { silent: silent[index] ?? 0, roundTrip: '', sent: 0, received: 0, sentBytes: 0, buffered: 0 }
    } as Metrics
    for (let peer = 0; peer < PEERS; peer++) tallies.add({ from, until }, metrics, START)
  })
  return tallies
}

const outage = (from: number, until?: number): PlannedOutage => ({
  from: START + from * SECOND,
  ...(until !== undefined && { until: START + until * SECOND })
})
const presences = Array.from({ length: PEERS }, () => ({ joined: START - 1, left: Infinity }))
const WHOLE = { share: 1 }
const CUT = { share: 0.4 }
/** Twice as many as owed, most of them late. */
const CATCHING_UP = { share: 2, late: 2 * SENT * (PEERS - 1) - 30 }

const CASES: {
  what: string
  outages: PlannedOutage[]
  arrived: { share: number; late?: number }[]
  recovery: number[] | null
  notRecovered: number | null
}[] = [
  {
    what: 'is at once where the first interval after it is whole',
    outages: [outage(4, 8)],
    arrived: [WHOLE, WHOLE, CUT, CUT, WHOLE, WHOLE],
    recovery: [9],
    notRecovered: 0
  },
  {
    what: 'waits until what was held back has come and new messages are in time',
    outages: [outage(4, 8)],
    arrived: [WHOLE, WHOLE, CUT, CUT, CUT, CATCHING_UP, WHOLE],
    recovery: [4009],
    notRecovered: 0
  },
  {
    what: 'is measured by what was usual before, on a line that loses messages',
    outages: [outage(4, 8)],
    arrived: [{ share: 0.9 }, { share: 0.9 }, CUT, CUT, { share: 0.8 }, { share: 0.9 }],
    recovery: [2009],
    notRecovered: 0
  },
  {
    what: 'does not come where delivery stays low, or the next outage comes first',
    outages: [outage(2, 4), outage(6, 8)],
    arrived: [WHOLE, CUT, CUT, CUT, CUT, CUT],
    recovery: null,
    notRecovered: 2
  },
  {
    what: 'is unknown where the outage lasts to the end',
    outages: [outage(4)],
    arrived: [WHOLE, WHOLE, CUT, CUT],
    recovery: null,
    notRecovered: null
  }
]

describe('the recovery after an outage', () => {
  for (const { what, outages, arrived, recovery, notRecovered } of CASES)
    it(what, () => {
      const window = { from: START, until: START + 2 * SECOND * arrived.length }
      const found = outageMetrics(outages, tallied(arrived), presences, window)
      assert.equal(found.notRecovered, notRecovered)
      assert.deepEqual(found.recovery && [found.recovery.max], recovery)
    })

  it('comes from the outages that runners report', () => {
    const { summary } = fakeDocument({ outages: [{ from: 8000, until: 10_000 }] })
    // The fake mesh cuts nothing off.
    assert.equal(summary!.outages.recovery!.count, 1)
    assert.equal(summary!.outages.recovery!.max, 0)
    assert.deepEqual(fakeDocument().summary!.outages, { recovery: null, notRecovered: null })
  })
})

describe('silent links', () => {
  const links = { silent: 0, roundTrip: '', sent: 9, received: 9, sentBytes: 1100, buffered: 0 }

  it('are counted at one time, at each end', () => {
    const tally = new LinkTally()
    tally.add({ links })
    const tallies = tallied([WHOLE, CUT, CUT, WHOLE], [0, 1, 3, 0])
    assert.equal(tally.metrics(tallies, { from: START, until: START + 8000 }).silentMax, 6)
    assert.equal(tally.metrics(tallies, { from: START, until: START + 3000 }).silentMax, 2)
  })

  it('and all other link figures are unknown with older clients', () => {
    const { links } = fakeDocument({ olderClients: true }).summary!
    assert.ok(Object.values(links).every((value) => value === null))
  })

  it('appear beside the loss, the round trips and the overhead of datagrams', () => {
    const { links } = fakeDocument().summary!
    assert.ok(Math.abs(links.packetLoss! - 0.02) < 1e-9)
    assert.ok(Math.abs(links.overhead! - 1.1) < 0.01)
    assert.ok(Math.abs(links.roundTrip!.p50 - 40) < 0.1)
    assert.equal(links.bufferedMax, 100)
    assert.equal(links.silentMax, 0)
  })

  it('have an overhead over the bytes of their own channels, without those of closed links', () => {
    const tally = new LinkTally()
    tally.add({
      links: { ...links, channelBytes: 1000 },
      wire: { sent: 8, received: 8, sentBytes: 1500, receivedBytes: 1500 }
    })
    assert.equal(tally.metrics(tallied([]), { from: START, until: START }).overhead, 1.1)
  })
})
