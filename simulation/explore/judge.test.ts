import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MessageKind } from '../../protocol/names'
import type { ResultsDocument } from '../../protocol/results-document'
import { parseFault } from '../fault-text'
import { judge } from './judge'

const START = 1_700_000_000_000

/** Three peers, of which peer 0 sends a position each 100 ms for 20 s. The third comes and leaves as told. */
function judged(
  faults: string[],
  isLost: (receiver: string, seconds: number) => boolean,
  { network = 'perfect', joined = -5, left = 20 } = {}
) {
  const presence = (from: number, until: number) => ({
    joined: START + from * 1000,
    left: START + until * 1000
  })
  const peerResults = {
    a: { number: 0, presence: presence(-5, 21) },
    b: { number: 1, presence: presence(-5, 21) },
    c: { number: 2, presence: presence(joined, left) }
  } as unknown as ResultsDocument['peerResults']
  const kind: MessageKind = 'position'
  const messages = Array.from({ length: 200 }, (_, index) => ({ kind, time: START + index * 100 }))
  return judge(
    { seed: 1, network, duration: 20, faults: faults.map(parseFault) },
    { startsAt: START, peerResults },
    {
      // The page of peer z failed before it had results.
      messages: new Map([
        ['z', messages],
        ['a', messages]
      ]),
      reached: (receiver, _sender, _kind, time) => !isLost(receiver, (time - START) / 1000)
    }
  )
}

const between = (from: number, until: number) => (_: string, at: number) => at >= from && at <= until

describe('which messages must arrive', () => {
  const rows: [says: string, faults: string[], lost: [from: number, until: number], expected: number][] = [
    ['any, without faults', [], [8, 8.4], 10],
    ['none of the last 2 s, which may be under way', [], [18.1, 20], 0],
    ['none within 2 s of a fault', ['lighthouse@8s-10s'], [6, 12], 0],
    ['those 2 s after a fault', ['lighthouse@8s-10s'], [12.1, 12.5], 10],
    ['those of peers that met before the Lighthouse went', ['lighthouse@6s-16s'], [9.1, 9.5], 10],
    ['those between peers of one side of a partition', ['partition@6s-12s:2'], [8.1, 9.9], 19],
    ['those of survivors of a death', ['death@5s:2'], [8, 8.4], 5],
    ['none within 2 s of a storm', ['storm@8s-16s:1'], [6, 11], 0]
  ]
  for (const [says, faults, [from, until], expected] of rows) {
    it(says, () => assert.equal(judged(faults, between(from, until)).lost, expected))
  }

  it('none to a peer that has left or is about to, and all others', () => {
    const lostToC = judged([], (receiver, at) => receiver === 'c' && at > 8, { left: 10 })
    assert.equal(lostToC.lost, 0)
    assert.equal(judged([], (receiver, at) => receiver === 'b' && at > 8, { left: 10 }).lost, 100)
  })

  it('none to a peer that has just come, nor to one that came while the Lighthouse was away', () => {
    const lostToC = (faults: string[], until: number) =>
      judged(faults, (receiver, at) => receiver === 'c' && at < until, { joined: 10 }).lost
    assert.deepEqual([lostToC([], 12), lostToC([], 13), lostToC(['lighthouse@6s-16s'], 18)], [0, 10, 0])
    assert.equal(lostToC(['partition@6s-16s:3'], 13), 10)
  })

  it('none to a peer whose line is down', () =>
    assert.equal(judged([], between(6, 18), { network: 'home,8s:offline,16s:home' }).lost, 0))

  it('those between peers whose lines are up while others are down', () =>
    assert.equal(judged([], between(11, 13), { network: 'home:2,4g:1,8s:offline,16s:4g' }).lost, 21))

  it('counts what was sent and what was judged, apart for the last 10 s, and names the first loss', () => {
    const { all, owed, atTheEnd, first } = judged([], between(3, 3.05))
    assert.deepEqual([all, owed, atTheEnd.owed], [400, 362, 200])
    assert.equal(first, 'a position of peer 0 to peer 1 at 3.000 s')
    assert.equal(judged([], () => false, { joined: 3, left: 10 }).all, 271)
  })
})
