import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { startLighthouse, type Lighthouse } from './app'
import { Layers } from './layers'
import type { Peer } from './peers'
import { TestClient, type Message } from './testing/test-client'

const NOTIFIER = '__lighthouse_notification__'

describe('layers', () => {
  let lighthouse: Lighthouse
  let ann: TestClient
  let bob: TestClient
  beforeEach(async () => {
    lighthouse = await startLighthouse({ port: 0, maxUsersPerLayer: 4 })
    ann = await TestClient.connect(lighthouse, 'ann')
    bob = await TestClient.connect(lighthouse, 'bob')
  })
  afterEach(() => lighthouse.close())

  it('answers a join with all users of the layer, the newcomer included', async () => {
    assert.deepEqual(await ann.joinLayer('blue'), { status: 200, body: [user('ann', 4)] })
    assert.deepEqual(await bob.joinLayer('blue'), { status: 200, body: [user('ann', 4), user('bob', 4)] })
    assert.deepEqual(await ann.joinRoom('blue', 'room'), { status: 200, body: [user('ann', 4)] })
    assert.deepEqual(await bob.joinRoom('blue', 'room'), {
      status: 200,
      body: [user('ann', 4), user('bob', 4)]
    })
  })

  it('understands older builds, which send peerId alone', async () => {
    const answer = await ann.request('PUT', '/layers/blue', { peerId: 'ann', userId: 'ann' })
    assert.deepEqual(answer, { status: 200, body: [user('ann')] })
  })

  it('tells the members before it answers the newcomer', async () => {
    await ann.joinLayer('blue')
    await ann.joinRoom('blue', 'room')
    const steps = [
      [() => bob.joinLayer('blue'), notification('PEER_JOINED_LAYER', 'ann', 'bob')],
      [() => bob.joinRoom('blue', 'room'), notification('PEER_JOINED_ROOM', 'ann', 'bob', 'room')],
      [
        () => bob.request('DELETE', '/layers/blue/rooms/room/users/bob'),
        notification('PEER_LEFT_ROOM', 'ann', 'bob', 'room')
      ],
      [() => bob.request('DELETE', '/layers/blue/users/bob'), notification('PEER_LEFT_LAYER', 'ann', 'bob')]
    ] as const
    for (const [step, expected] of steps) {
      await step()
      // Messages that arrived along with the answer are read from the socket after one turn of the event
      // loop.
      await setImmediate()
      assert.deepEqual(ann.messages.splice(0), [expected])
    }
    await bob.settle()
    assert.deepEqual(bob.messages, [], 'a newcomer is not told about itself')
  })

  it('tells who left, from rooms first, when a socket closes', async () => {
    for (const client of [ann, bob]) {
      await client.joinLayer('blue')
      await client.joinRoom('blue', 'room')
    }
    bob.socket.terminate()
    await ann.receive('PEER_JOINED_ROOM')
    await ann.receive('PEER_LEFT_LAYER')
    await ann.settle()
    assert.deepEqual(await ann.request('GET', '/layers/blue/rooms/room'), {
      status: 200,
      body: [user('ann', 4)]
    })
  })

  it('sends LEFT_ROOM before LEFT_LAYER, also on a change of layer', async () => {
    for (const client of [ann, bob]) {
      await client.joinLayer('blue')
      await client.joinRoom('blue', 'room')
    }
    await ann.receive('PEER_JOINED_ROOM')
    assert.deepEqual(await bob.joinLayer('red'), { status: 200, body: [user('bob', 4)] })
    await bob.request('DELETE', '/layers/blue/users/bob')
    assert.deepEqual((await bob.request('GET', '/layers/red/users')).body, [user('bob', 4)])
    await ann.settle()
    assert.deepEqual(ann.messages, [
      notification('PEER_LEFT_ROOM', 'ann', 'bob', 'room'),
      notification('PEER_LEFT_LAYER', 'ann', 'bob')
    ])
  })

  it('joins only once, however often it is asked', async () => {
    await ann.joinLayer('blue')
    await ann.joinRoom('blue', 'room')
    for (let i = 0; i < 3; i++) {
      await bob.joinLayer('blue')
      await bob.joinRoom('blue', 'room')
    }
    await ann.settle()
    assert.deepEqual(ann.types(), ['PEER_JOINED_LAYER', 'PEER_JOINED_ROOM'])
  })

  it('answers a leaving peer with those who remain', async () => {
    for (const client of [ann, bob]) await client.joinLayer('blue')
    await ann.joinRoom('blue', 'room')
    const left = await ann.request('DELETE', '/layers/blue/users/ann')
    assert.deepEqual(left, { status: 200, body: [user('bob', 4)] })
    assert.deepEqual((await bob.request('GET', '/layers/blue/rooms')).body, [], 'an empty room is gone')
    const twice = await bob.request('DELETE', '/layers/blue/rooms/room/users/bob')
    assert.deepEqual(twice, { status: 200, body: [] })
    assert.deepEqual((await ann.joinLayer('blue')).body, [user('bob', 4), user('ann', 4)])
    await ann.request('DELETE', '/layers/blue/users/ann')
    const last = await bob.request('DELETE', '/layers/blue/users/bob')
    assert.deepEqual(last, { status: 200, body: [] })
    assert.equal((await bob.request('GET', '/layers/blue')).status, 404, 'an empty layer is gone')
  })

  it('treats names that are special to JavaScript as ordinary', async () => {
    for (const name of ['__proto__', 'constructor']) {
      assert.equal((await ann.joinLayer(name)).status, 200)
      assert.equal((await ann.joinRoom(name, name)).status, 200)
      const { body } = await ann.request('GET', `/layers/${name}/rooms`)
      assert.deepEqual(body, [name])
    }
  })

  const identity = { id: 'ann', userId: 'ann', peerId: 'ann' }
  const tooLong = 'x'.repeat(129)
  const refusals = [
    ['an unknown peer', 'PUT', '/layers/blue', { id: 'nobody' }, 401, 'unauthorized'],
    ['another peer', 'PUT', '/layers/blue', { id: 'bob' }, 401, 'unauthorized'],
    ['another peer, leaving', 'DELETE', '/layers/blue/users/bob', undefined, 401, 'unauthorized'],
    ['a body without id', 'PUT', '/layers/blue', {}, 400, 'bad-request'],
    ['an id that is not a string', 'PUT', '/layers/blue', { id: 7 }, 400, 'bad-request'],
    [
      'a version that is not a number',
      'PUT',
      '/layers/blue',
      { ...identity, protocolVersion: 'x' },
      400,
      'bad-request'
    ],
    ['no body', 'PUT', '/layers/blue', undefined, 400, 'bad-request'],
    ['an endless layer name', 'PUT', `/layers/${tooLong}`, identity, 400, 'bad-request'],
    ['an endless room name', 'PUT', `/layers/blue/rooms/${tooLong}`, identity, 400, 'bad-request'],
    ['a broken escape', 'PUT', '/layers/%E0%A4%A', identity, 400, 'bad-request'],
    ['a room of no layer', 'PUT', '/layers/green/rooms/room', identity, 404, 'layer-not-found'],
    ['a room of another layer', 'PUT', '/layers/red/rooms/room', identity, 400, 'user_not_in_layer'],
    ['a layer that is full', 'PUT', '/layers/full', identity, 400, 'layer_is_full'],
    ['leaving no layer', 'DELETE', '/layers/green/users/ann', undefined, 404, 'layer-not-found'],
    ['the users of no layer', 'GET', '/layers/green/users', undefined, 404, 'layer-not-found'],
    ['an unknown room', 'GET', '/layers/red/rooms/none', undefined, 404, 'room-not-found']
  ] as const
  for (const [what, method, path, body, status, word] of refusals) {
    it(`refuses ${what}: ${status} ${word}`, async () => {
      await bob.joinLayer('red')
      for (const id of ['one', 'two', 'three', 'four'])
        await (await TestClient.connect(lighthouse, id)).joinLayer('full')
      const answer = await ann.request(method, path, body)
      assert.equal(answer.status, status)
      assert.equal((answer.body as { status: string }).status, word)
    })
  }

  it('refuses a wrong token and a peer that has not answered the challenge', async () => {
    assert.equal((await ann.request('PUT', '/layers/blue', ann.identity(), 'guess')).status, 401)
    const guest = await TestClient.open(lighthouse, '?key=peerjs&id=guest&token=t', 'guest', 't')
    assert.equal((await guest.joinLayer('blue')).status, 401)
  })

  const badBodies = [
    ['broken JSON', '{"id":', 400],
    ['a body that is too large', JSON.stringify({ id: 'x'.repeat(20_000) }), 413]
  ] as const
  for (const [what, body, status] of badBodies) {
    it(`refuses ${what}`, async () => {
      const response = await fetch(`${lighthouse.url}/layers/blue`, {
        method: 'PUT',
        body,
        headers: { 'content-type': 'application/json' }
      })
      assert.equal(response.status, status)
      assert.equal(((await response.json()) as { status: string }).status, 'bad-request')
    })
  }

  it('lets pages of this machine call it', async () => {
    const origin = 'http://localhost:7654'
    const response = await fetch(`${lighthouse.url}/layers/blue`, { method: 'OPTIONS', headers: { origin } })
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('access-control-allow-origin'), origin)
    assert.equal(response.headers.get('access-control-allow-methods'), 'GET, PUT, DELETE')
    assert.equal(response.headers.get('access-control-allow-headers'), 'content-type, x-peer-token')
  })

  it('loses a position that is announced before the peer is in a layer, like the real one', async () => {
    ann.heartbeat([1, 2, 3])
    await ann.settle()
    assert.equal((await userOf(ann)).position, undefined)
    ann.heartbeat([4, 5, 6], { parcel: [0, 0] })
    await ann.settle()
    assert.deepEqual((await userOf(ann)).position, [4, 5, 6])
  })

  it('keeps the last position of an id that returns, like the real one', async () => {
    await userOf(ann)
    ann.heartbeat([4, 5, 6])
    await ann.settle()
    ann.socket.terminate()
    await ann.closed
    const again = await TestClient.connect(lighthouse, 'ann')
    assert.deepEqual((await userOf(again)).position, [4, 5, 6])
  })

  it('suggests the nearest users of the layer to a peer that asks for its best connections', async () => {
    const lone = await TestClient.connect(lighthouse, 'lone')
    for (const join of [() => undefined, () => lone.joinLayer('wide')]) {
      await join()
      lone.heartbeat(undefined, { optimizeNetwork: true, targetConnections: 4, maxDistance: 160 })
      assert.equal((await lone.receive('OPTIMAL_NETWORK_RESPONSE')).payload, undefined)
    }

    const places = { far: [100, 50, 0], near: [33, 0, 0], away: [200, 0, 0] }
    for (const [id, position] of Object.entries(places)) {
      const client = await TestClient.connect(lighthouse, id)
      await client.joinLayer('wide')
      client.heartbeat(position)
      await client.settle()
    }
    lone.heartbeat([0, 0, 0], { optimizeNetwork: true, targetConnections: 4, maxDistance: 160 })
    assert.deepEqual(await lone.receive('OPTIMAL_NETWORK_RESPONSE'), {
      type: 'OPTIMAL_NETWORK_RESPONSE',
      src: '__lighthouse_response__',
      dst: 'lone',
      payload: {
        layerId: 'wide',
        optimalConnections: [
          { id: 'near', distance: 1, position: [33, 0, 0] },
          { id: 'far', distance: 3, position: [100, 50, 0] }
        ]
      }
    })
  })
})

it('holds 10,000 rooms, which others may join', () => {
  const layers = new Layers(100)
  const enter = (number: number) => {
    const peer = { id: String(number), socket: { OPEN: 1, readyState: 3 } } as Peer
    const layer = layers.join(peer, `layer ${number % 10}`)
    return (room: string) => layers.joinRoom(peer, layer, room)
  }
  for (let number = 0; number < 312; number++) {
    const join = enter(number)
    for (let room = 0; room < 32; room++) join(`${number}-${room}`)
  }
  const join = enter(312)
  for (let room = 0; room < 16; room++) join(`312-${room}`)
  assert.throws(() => join('one more'), { code: 'too-many-rooms' })
  assert.equal(join('2-0').size, 2)
})

function user(id: string, protocolVersion?: number) {
  return { id, userId: id, peerId: id, ...(protocolVersion && { protocolVersion }) }
}

function notification(type: string, dst: string, id: string, roomId?: string): Message {
  const payload = { id, userId: id, peerId: id, layerId: 'blue', ...(roomId && { roomId }) }
  return { type, src: NOTIFIER, dst, payload }
}

/** Joins the layer and returns the client as the layer lists it. */
async function userOf(client: TestClient): Promise<{ position?: number[] }> {
  const { body } = await client.joinLayer('blue')
  return (body as { id: string; position?: number[] }[]).find(({ id }) => id === client.id)!
}
