import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deadReceiver } from './dead-receiver'
import type { PeerSlot } from './peer-slot'

interface Facts {
  sent?: number
  received?: number
  /** Packets on the wire. */
  packets?: number
  /** Those in the measured time. */
  measured?: number
  connections?: number
  /** ms in the room. */
  present?: number
  /** Messages per second that its routine owes. */
  rate?: number
}

function peer(
  id: string,
  {
    sent = 100,
    received = 50,
    packets = received,
    measured = packets,
    connections = 2,
    present = 60_000,
    rate = 10
  }: Facts
) {
  const current = {
    id,
    ledger: { total: { sent, received, duplicates: 0 } },
    traffic: { wire: { received: packets } },
    measuredWire: () => ({ received: measured }),
    timeInRoom: () => present,
    libraryPeer: { connectedPeers: () => new Array<string>(connections).fill('x') }
  }
  return { current, rates: { position: rate } } as unknown as PeerSlot
}

describe('a dead receiver', () => {
  const good = peer('good', {})
  const cases: {
    it: string
    facts: Facts
    others?: PeerSlot[]
    elapsed?: number
    says?: RegExp
  }[] = [
    { it: 'is none that hears others', facts: {} },
    {
      it: 'gets packets and no message: the library throws them away',
      facts: { received: 0, packets: 300 },
      says: /^DEAD RECEIVER: peer bad is connected and got 300 packets, but not one message in 20 s.*"logLevel":"WARN".*long/
    },
    {
      it: 'gets no packet at all',
      facts: { received: 0 },
      says: /^DEAD RECEIVER: peer bad is connected, but not one packet reached it in 20 s$/
    },
    { it: 'is not judged in the first 10 s', facts: { received: 0 }, elapsed: 9_999 },
    { it: 'is not judged before it was in the room for 10 s', facts: { received: 0, present: 9_000 } },
    { it: 'is none without connections', facts: { received: 0, connections: 0 } },
    {
      it: 'is none where nobody sends',
      facts: { received: 0, sent: 0 },
      others: [peer('mute', { sent: 19 })]
    },
    {
      it: 'is none to which nobody can have sent since it came',
      facts: { received: 0, present: 12_000 },
      others: [peer('quiet', { rate: 1 / 30 })]
    },
    {
      it: 'is judged by the wire where it is alone on its page',
      facts: { received: 0, packets: 20 },
      others: [],
      says: /got 20 packets/
    },
    {
      it: 'is none that only got what keeps the mesh alive',
      facts: { received: 0, packets: 300, measured: 19 },
      others: []
    }
  ]
  for (const { it: name, facts, others = [good], elapsed = 20_000, says } of cases) {
    it(name, () => {
      const line = deadReceiver([...others, peer('bad', facts)], elapsed)
      if (says) assert.match(line ?? '', says)
      else assert.equal(line, undefined)
    })
  }

  it('is blamed on what the build threw', () => {
    const bad = peer('bad', { received: 0, packets: 300 })
    assert.match(
      deadReceiver([good, bad], 20_000, 'Error: boom\n    at x')!,
      /: the build threw "Error: boom"$/
    )
  })

  it('is sought only among peers in the mesh', () => {
    const away = { current: undefined } as unknown as PeerSlot
    assert.equal(deadReceiver([away, good], 20_000), undefined)
  })
})
