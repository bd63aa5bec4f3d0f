import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { startLighthouse, type Lighthouse } from './app'
import { TestClient } from './testing/test-client'

describe('handshake', () => {
  let lighthouse: Lighthouse
  before(async () => {
    lighthouse = await startLighthouse({ port: 0 })
  })
  after(() => lighthouse.close())

  it('challenges a peer and accepts any answer', async () => {
    const client = await TestClient.open(lighthouse, '?key=peerjs&id=ann&token=secret')
    const { payload } = await client.receive('OPEN')
    assert.ok(payload, 'an empty challenge is never answered')
    client.send({ type: 'VALIDATION', src: 'ann', payload: 'whatever' })
    assert.deepEqual(await client.receive('VALIDATION_OK'), { type: 'VALIDATION_OK' })
  })

  it('assigns an id to a peer without one, before the challenge', async () => {
    const client = await TestClient.open(lighthouse, '?key=peerjs&token=secret')
    const { payload } = await client.receive('ASSIGNED_ID')
    assert.match(String(payload?.id), /^\w+$/)
    await client.receive('OPEN')
  })

  const refusals = [
    ['no token', '?key=peerjs&id=bob', 'ERROR', 'No token, or key supplied to websocket server'],
    ['no key', '?id=bob&token=t', 'ERROR', 'No token, or key supplied to websocket server'],
    ['no query at all', '', 'ERROR', 'No token, or key supplied to websocket server'],
    ['a wrong key', '?key=other&id=bob&token=t', 'ERROR', 'Invalid key provided'],
    [
      'an endless id',
      `?key=peerjs&id=${'x'.repeat(300)}&token=t`,
      'ERROR',
      'Invalid id provided: at most 128 characters'
    ],
    ["the Lighthouse's own id", '?key=peerjs&id=__lighthouse__&token=t', 'ID-TAKEN', 'ID is taken']
  ] as const
  for (const [what, query, type, msg] of refusals) {
    it(`refuses ${what}, then closes`, async () => {
      const client = await TestClient.open(lighthouse, query)
      assert.deepEqual(await client.receive(type), { type, payload: { msg } })
      await client.closed
    })
  }

  it('refuses an id that is in use with another token', async () => {
    const owner = await TestClient.connect(lighthouse, 'taken')
    const thief = await TestClient.open(lighthouse, '?key=peerjs&id=taken&token=other')
    assert.deepEqual(await thief.receive('ID-TAKEN'), { type: 'ID-TAKEN', payload: { msg: 'ID is taken' } })
    await thief.closed
    await owner.settle()
  })

  it('replaces the socket of a peer that returns with its token, without a new challenge', async () => {
    const first = await TestClient.connect(lighthouse, 'twice')
    const other = await TestClient.connect(lighthouse, 'other')
    const second = await TestClient.open(lighthouse, '?key=peerjs&id=twice&token=token-of-twice')
    await first.closed
    other.send({ type: 'OFFER', dst: 'twice', payload: 1 })
    await second.receive('OFFER')
    assert.deepEqual(second.types(), [])
    second.send({ type: 'ANSWER', dst: 'other', payload: 2 })
    assert.equal((await other.receive('ANSWER')).src, 'twice')
  })

  it('frees an id as soon as its socket has closed', async () => {
    const first = await TestClient.connect(lighthouse, 'back', 'one')
    first.socket.close()
    await first.closed
    await TestClient.connect(lighthouse, 'back', 'two')
  })

  it('treats ids that are special to JavaScript as ordinary', async () => {
    for (const id of ['__proto__', 'constructor', 'toString']) await TestClient.connect(lighthouse, id)
  })

  it('answers other WebSocket addresses with 404', async () => {
    const client = TestClient.open(
      { ...lighthouse, url: `${lighthouse.url}/elsewhere` },
      '?key=peerjs&token=t'
    )
    await assert.rejects(client, /404/)
  })
})

describe('limits', () => {
  it('refuses more peers than its limit', async () => {
    const lighthouse = await startLighthouse({ port: 0, maxPeers: 1 })
    await TestClient.connect(lighthouse, 'first')
    const second = await TestClient.open(lighthouse, '?key=peerjs&id=second&token=t')
    const { payload } = await second.receive('ERROR')
    assert.deepEqual(payload, { msg: 'Server has reached its concurrent user limit' })
    await lighthouse.close()
  })

  it('gives an id that nobody has to a peer without one', async (t) => {
    const lighthouse = await startLighthouse({ port: 0 })
    const draws = [0.5, 0.5, 0.25]
    t.mock.method(Math, 'random', () => draws.shift() ?? 0.75)
    const ids = []
    for (const token of ['t', 'u']) {
      const client = await TestClient.open(lighthouse, `?key=peerjs&token=${token}`)
      ids.push((await client.receive('ASSIGNED_ID')).payload)
    }
    assert.deepEqual(ids, [{ id: 'i' }, { id: '9' }])
    await lighthouse.close()
  })

  it('disconnects only the peer that sends no heartbeat', async () => {
    const lighthouse = await startLighthouse({ port: 0, heartbeatTimeout: 1_500 })
    const silent = await TestClient.connect(lighthouse, 'silent')
    const lively = await TestClient.connect(lighthouse, 'lively')
    const beating = setInterval(() => lively.heartbeat(), 50)
    await silent.closed
    // By then the other would have been disconnected as well.
    await delay(1_500)
    await lively.settle()
    clearInterval(beating)
    await lighthouse.close()
  })

  it('keeps its peers when the system clock is set, as after the sleep of a laptop', async (context) => {
    const lighthouse = await startLighthouse({ port: 0, validationTimeout: 500 })
    const client = await TestClient.connect(lighthouse, 'lively')
    const { now } = Date
    context.mock.method(Date, 'now', () => now() + 3600_000)
    // It looks for silent peers every 50 ms.
    await delay(200)
    const { readyState } = client.socket
    await lighthouse.close()
    assert.equal(readyState, client.socket.OPEN)
  })

  it('disconnects a peer that never answers the challenge, heartbeats or not', async () => {
    const lighthouse = await startLighthouse({ port: 0, heartbeatTimeout: 200 })
    const mute = await TestClient.open(lighthouse, '?key=peerjs&id=mute&token=t')
    const beating = setInterval(() => mute.heartbeat(), 50)
    await mute.closed
    clearInterval(beating)
    await lighthouse.close()
  })

  it('closes the socket that sends an oversized frame, and keeps running', async () => {
    const lighthouse = await startLighthouse({ port: 0 })
    const greedy = await TestClient.connect(lighthouse, 'greedy')
    greedy.send({ type: 'OFFER', dst: 'greedy', payload: 'x'.repeat(300_000) })
    await greedy.closed
    await TestClient.connect(lighthouse, 'greedy', 'new token')
    await lighthouse.close()
  })

  it('does not wait, on closing, for clients that never hang up', async () => {
    const lighthouse = await startLighthouse({ port: 0 })
    const upgrade = 'GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
    const clients = ['', 'GET / HTTP/1.1\r\n', 'nonsense\r\n\r\n', upgrade].map((opening) => {
      const client = connect({ port: lighthouse.port, host: '127.0.0.1', allowHalfOpen: true })
      client.on('error', () => undefined)
      client.write(opening)
      return client.resume()
    })
    await Promise.all(clients.map((client) => once(client, 'connect')))
    await TestClient.open(lighthouse, '?key=peerjs&id=refused&token=')
    await lighthouse.close()
    for (const client of clients) client.destroy()
  })

  it('frees its port immediately, even with open sockets, and can restart on it', async () => {
    const lighthouse = await startLighthouse({ port: 0 })
    const client = await TestClient.connect(lighthouse, 'ann')
    await lighthouse.close()
    await client.closed
    const again = await startLighthouse({ port: lighthouse.port })
    assert.equal(again.url, lighthouse.url)
    await again.close()
  })
})
