import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connect, type CatalystPeerClass } from './api'
import { ROOM, type PeerOptions } from './peer-library'

class Peer {
  constructor(
    _url: string,
    _id: string,
    readonly handOver: ConstructorParameters<CatalystPeerClass<object>>[2]
  ) {}
}

describe('A peer of the library', () => {
  it('takes only what the library hands over as of its own room, and the relays that it reports', () => {
    const taken: unknown[] = []
    const onMessage: PeerOptions['onMessage'] = (sender, _payload, relays) => taken.push([sender, relays])
    const { peer } = connect(Peer, { id: 'a', onMessage } as PeerOptions)
    const payload = new Uint8Array()
    peer.handOver('b', ROOM, payload, { hops: 3 })
    peer.handOver('c', 'another', payload, { hops: 1 })
    peer.handOver('d', ROOM, payload)
    assert.deepEqual(taken, [
      ['b', 2],
      ['d', undefined]
    ])
  })
})
