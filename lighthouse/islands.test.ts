import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { startLighthouse, type Lighthouse } from './app'
import { TestClient } from './testing/test-client'

describe('islands', () => {
  let lighthouse: Lighthouse
  let ann: TestClient
  let bob: TestClient
  beforeEach(async () => {
    lighthouse = await startLighthouse({ port: 0, islandFlushInterval: 20 })
    ann = await TestClient.connect(lighthouse, 'ann')
    bob = await TestClient.connect(lighthouse, 'bob')
  })
  afterEach(() => lighthouse.close())

  it('puts the first peer with a position into I1, and tells it', async () => {
    ann.heartbeat([1, 2, 3])
    assert.deepEqual(await ann.receive('CHANGE_ISLAND'), {
      type: 'CHANGE_ISLAND',
      src: '__lighthouse__',
      dst: 'ann',
      payload: { islandId: 'I1', peers: [{ id: 'ann', position: [1, 2, 3] }] }
    })
  })

  it('tells the newcomer about everyone, and the others about the newcomer', async () => {
    await place(ann, [0, 0, 0])
    bob.heartbeat([10, 0, 0])
    assert.deepEqual((await bob.receive('CHANGE_ISLAND')).payload, {
      islandId: 'I1',
      peers: [
        { id: 'ann', position: [0, 0, 0] },
        { id: 'bob', position: [10, 0, 0] }
      ]
    })
    assert.deepEqual(await ann.receive('PEER_JOINED_ISLAND'), {
      type: 'PEER_JOINED_ISLAND',
      src: '__lighthouse__',
      dst: 'ann',
      payload: { islandId: 'I1', peer: { id: 'bob', position: [10, 0, 0] } }
    })
  })

  it('moves a peer that walks away to its own island, and tells those who stay', async () => {
    await place(ann, [0, 0, 0])
    await place(bob, [10, 0, 0])
    await ann.receive('PEER_JOINED_ISLAND')
    assert.equal(await place(bob, [500, 0, 0]), 'I2')
    assert.deepEqual((await ann.receive('PEER_LEFT_ISLAND')).payload, {
      islandId: 'I1',
      peer: { id: 'bob', position: [500, 0, 0] }
    })
    for (const client of [ann, bob]) {
      await client.settle()
      assert.deepEqual(client.types(), [], 'everybody is told once')
    }
  })

  it('joins islands whose members meet, and forgets the later one', async () => {
    await place(ann, [0, 0, 0])
    assert.equal(await place(bob, [500, 0, 0]), 'I2')
    assert.equal(await place(bob, [50, 0, 0]), 'I1')
    const { body } = await ann.request('GET', '/islands')
    assert.deepEqual(
      (body as { islands: { id: string }[] }).islands.map(({ id }) => id),
      ['I1']
    )
  })

  it('forgets an island that its last peer leaves', async () => {
    await place(ann, [0, 0, 0])
    ann.socket.terminate()
    await ann.closed
    assert.equal(await place(bob, [0, 0, 0]), 'I2')
  })

  it('lets go of a peer that turns out to belong to layers, and reaches others of its layer', async () => {
    await place(ann, [0, 0, 0])
    for (const client of [ann, bob]) await client.joinLayer('blue')
    ann.send({ type: 'OFFER', dst: 'bob', payload: 'sdp' })
    assert.equal((await bob.receive('OFFER')).src, 'ann')
  })

  it('splits an island when the peer that held it together leaves', async () => {
    await place(ann, [0, 0, 0])
    await place(bob, [60, 0, 0])
    const cid = await TestClient.connect(lighthouse, 'cid')
    assert.equal(await place(cid, [120, 0, 0]), 'I1')
    bob.socket.terminate()
    const { payload } = await cid.receive('CHANGE_ISLAND')
    assert.deepEqual(payload, { islandId: 'I2', peers: [{ id: 'cid', position: [120, 0, 0] }] })
  })

  it('tells those who stay when a socket closes', async () => {
    await place(ann, [0, 0, 0])
    await place(bob, [10, 0, 0])
    bob.socket.terminate()
    const { payload } = await ann.receive('PEER_LEFT_ISLAND')
    assert.deepEqual(payload, { islandId: 'I1', peer: { id: 'bob', position: [10, 0, 0] } })
  })

  it('gives no island to an id that returns before the next flush, like the real one', async () => {
    await lighthouse.close()
    lighthouse = await startLighthouse({ port: 0, islandFlushInterval: 1_500 })
    ann = await TestClient.connect(lighthouse, 'ann')
    bob = await TestClient.connect(lighthouse, 'bob')
    bob.heartbeat([10, 0, 0])
    await place(ann, [0, 0, 0])
    bob.socket.terminate()
    await bob.closed
    const again = await TestClient.connect(lighthouse, 'bob', 'other token')
    again.heartbeat([10, 0, 0])
    // Another peer's island tells that there has been a flush.
    await place(await TestClient.connect(lighthouse, 'cid'), [5000, 0, 0])
    await again.settle()
    await ann.settle()
    assert.deepEqual(again.types(), [], 'it is not told')
    assert.ok(!ann.types().includes('PEER_LEFT_ISLAND'), 'it never left')
    ann.send({ type: 'OFFER', dst: 'bob', payload: 'sdp' })
    assert.equal((await again.receive('OFFER')).src, 'ann', 'its island has the new socket')
    // Once a flush has noticed that the peer is gone, its id counts as new.
    again.socket.terminate()
    await ann.receive('PEER_LEFT_ISLAND')
    const later = await TestClient.connect(lighthouse, 'bob')
    assert.equal(await place(later, [10, 0, 0]), 'I1')
  })

  it('counts islands in base 36', async () => {
    const peers = await Promise.all(
      Array.from({ length: 36 }, (_, index) => TestClient.connect(lighthouse, `peer${index}`))
    )
    const ids = []
    for (const [index, peer] of peers.entries()) ids.push(await place(peer, [index * 1000, 0, 0]))
    assert.deepEqual([ids[0], ids[8], ids[9], ids[34], ids[35]], ['I1', 'I9', 'Ia', 'Iz', 'I10'])
  })

  it('ignores a peer of the layers generation, whatever its heartbeats say', async () => {
    await ann.joinLayer('blue')
    ann.heartbeat([0, 0, 0])
    assert.equal(await place(bob, [0, 0, 0]), 'I1')
    await ann.settle()
    assert.deepEqual(ann.types(), [])
  })

  it('drops a peer that turns out to belong to the layers generation', async () => {
    await place(ann, [0, 0, 0])
    await place(bob, [0, 0, 0])
    await bob.joinLayer('blue')
    await ann.receive('PEER_LEFT_ISLAND')
    bob.heartbeat([0, 0, 0])
    await bob.settle()
    const { body } = await bob.request('GET', '/islands/I1')
    assert.deepEqual(
      (body as { peers: { id: string }[] }).peers.map(({ id }) => id),
      ['ann']
    )
  })

  it('requires a valid position', async () => {
    for (const position of [undefined, [], [1, 2], [1, 2, 'z'], [1, 2, null], 'here', { x: 1 }]) {
      ann.send({ type: 'HEARTBEAT', payload: { position } })
    }
    await place(bob, [0, 0, 0])
    await ann.settle()
    assert.deepEqual(ann.types(), [])
    const { body } = await ann.request('GET', '/peers')
    const lastPings = (body as { peers: { lastPing?: number }[] }).peers.map(
      ({ lastPing }) => typeof lastPing
    )
    assert.deepEqual(lastPings, ['number', 'number'], 'it is a sign of life all the same')
  })

  it('counts an empty heartbeat', async () => {
    ann.send({ type: 'HEARTBEAT' })
    await ann.settle()
    const { body } = await ann.request('GET', '/peers')
    assert.equal(typeof (body as { peers: { lastPing?: number }[] }).peers[0]?.lastPing, 'number')
  })
})

/** @returns the island that the peer is assigned to */
async function place(client: TestClient, position: number[]): Promise<unknown> {
  client.heartbeat(position)
  const { payload } = await client.receive('CHANGE_ISLAND')
  return payload?.islandId
}
