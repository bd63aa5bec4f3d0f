import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startLighthouse, type Lighthouse } from './app'
import { TestClient } from './testing/test-client'

describe('relay', () => {
  let lighthouse: Lighthouse
  let ann: TestClient
  let bob: TestClient
  before(async () => {
    lighthouse = await startLighthouse({ port: 0, islandFlushInterval: 20 })
    ann = await TestClient.connect(lighthouse, 'ann')
    bob = await TestClient.connect(lighthouse, 'bob')
  })
  after(() => lighthouse.close())

  for (const type of ['OFFER', 'ANSWER', 'CANDIDATE', 'REJECT', 'LEAVE', 'EXPIRE']) {
    it(`forwards ${type} with the true sender and nothing added`, async () => {
      const payload = { sdp: { type: 'offer', sdp: 'v=0' }, list: [1, null], __proto__x: true }
      ann.send({ type, src: 'somebody else', dst: 'bob', payload, extra: 'dropped' })
      assert.deepEqual(await bob.receive(type), { type, src: 'ann', dst: 'bob', payload })
    })
  }

  const dropped = [
    ['an unknown type', { type: 'SHOUT', dst: 'bob' }],
    ['a type that only the Lighthouse may send', { type: 'CHANGE_ISLAND', dst: 'bob' }],
    ['a frame without type', { dst: 'bob' }],
    ['a frame without dst', { type: 'OFFER' }],
    ['a dst that is not a string', { type: 'OFFER', dst: 7 }],
    ['a dst that is not there', { type: 'OFFER', dst: 'nobody' }],
    ['a dst inherited from Object', { type: 'OFFER', dst: 'constructor' }]
  ] as const
  for (const [what, frame] of dropped) {
    it(`drops ${what}`, async () => {
      ann.send(frame)
      await ann.settle()
      await bob.settle()
      assert.deepEqual([...ann.messages, ...bob.messages], [])
    })
  }

  it('relays nothing from or to a peer that has not answered the challenge', async () => {
    const guest = await TestClient.open(lighthouse, '?key=peerjs&id=guest&token=t')
    await guest.receive('OPEN')
    guest.send({ type: 'OFFER', dst: 'bob' })
    ann.send({ type: 'OFFER', dst: 'guest' })
    await ann.settle()
    await guest.settle()
    await bob.settle()
    assert.deepEqual([...guest.messages, ...bob.messages], [])
  })

  it('keeps islands apart from each other and from layers', async () => {
    const places = { near: 0, neighbour: 10, far: 900 }
    const [near, neighbour, far] = await Promise.all(
      Object.entries(places).map(async ([id, x]) => {
        const client = await TestClient.connect(lighthouse, id)
        client.heartbeat([x, 0, 0])
        await client.receive('CHANGE_ISLAND')
        return client
      })
    )
    for (const dst of ['far', 'ann', 'neighbour']) near!.send({ type: 'OFFER', dst, payload: 'from near' })
    ann.send({ type: 'OFFER', dst: 'near', payload: 'from a layer' })
    await neighbour!.receive('OFFER')
    for (const client of [near!, far!, ann]) {
      await client.settle()
      assert.ok(!client.types().includes('OFFER'), client.id)
    }
  })
})
