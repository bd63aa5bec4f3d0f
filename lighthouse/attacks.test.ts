/**
 * What a hostile page or peer can try. An attack costs the attacker its own connection, and nobody else
 * anything.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, it } from 'node:test'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { startLighthouse, type Lighthouse } from './app'
import { TestClient } from './testing/test-client'

let lighthouse: Lighthouse
let ann: TestClient
beforeEach(async () => {
  lighthouse = await startLighthouse({ port: 0, islandFlushInterval: 20 })
  ann = await TestClient.connect(lighthouse, 'ann')
})
afterEach(() => lighthouse.close())

/** Nested JSON arrays. */
const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

describe('frames', () => {
  it('relays payloads as deep as the libraries’, and deeper', async () => {
    const bob = await TestClient.connect(lighthouse, 'bob')
    bob.socket.send(`{"type":"OFFER","dst":"ann","payload":${nested(20)}}`)
    assert.deepEqual((await ann.receive('OFFER')).payload, JSON.parse(nested(20)))
  })

  for (const levels of [33, 5_000, 30_000])
    it(`drops a payload that is nested ${levels} deep`, async () => {
      const bob = await TestClient.connect(lighthouse, 'bob')
      bob.socket.send(`{"type":"OFFER","dst":"ann","payload":${nested(levels)}}`)
      bob.socket.send(`{"type":"HEARTBEAT","payload":{"position":${nested(levels)}}}`)
      await bob.settle()
      await ann.settle()
      assert.deepEqual(ann.types(), [])
    })

  it('ignores brackets in strings', async () => {
    const bob = await TestClient.connect(lighthouse, 'bob')
    const text = `${'[{'.repeat(100)}"\\"${'['.repeat(100)}`
    bob.send({ type: 'OFFER', dst: 'ann', payload: { text } })
    assert.deepEqual((await ann.receive('OFFER')).payload, { text })
  })

  const ENDINGS: [string, (bob: TestClient) => void, number][] = [
    [
      'frames that make no sense, again and again',
      (bob) => {
        for (let i = 0; i < 200; i++) bob.socket.send('nonsense')
      },
      1008
    ],
    [
      'more data than signalling needs',
      (bob) => {
        for (let i = 0; i < 100; i++) bob.send({ type: 'OFFER', dst: 'nobody', payload: 'x'.repeat(60_000) })
      },
      1008
    ],
    [
      'a flood of small frames',
      (bob) => {
        for (let i = 0; i < 30_000; i++) bob.socket.send('{"type":"HEARTBEAT"}')
      },
      1008
    ],
    [
      'a frame that is too large',
      (bob) => bob.send({ type: 'OFFER', dst: 'ann', payload: 'x'.repeat(70_000) }),
      1009
    ]
  ]
  for (const [what, attack, code] of ENDINGS)
    it(`ends only the connection that sends ${what}`, async () => {
      const bob = await TestClient.connect(lighthouse, 'bob')
      const closed = once(bob.socket, 'close')
      attack(bob)
      assert.equal(((await closed) as [number])[0], code)
      await ann.settle()
      assert.deepEqual(ann.types(), [])
    })

  it('ends only the connection whose frame makes the Lighthouse fail', async () => {
    await lighthouse.close()
    const errors: unknown[] = []
    const logger = { info: ignore, error: (entry: unknown) => errors.push(entry), debug: fail } as never
    lighthouse = await startLighthouse({ port: 0, logger })
    ann = await TestClient.connect(lighthouse, 'ann')
    const bob = await TestClient.connect(lighthouse, 'bob')
    const closed = once(bob.socket, 'close')
    bob.send({ type: 'OFFER', dst: 'nobody' })
    assert.equal(((await closed) as [number])[0], 1011)
    assert.equal(errors.length, 1)
    await ann.settle()
  })

  it('survives whatever a socket sends', async () => {
    let victim = await TestClient.connect(lighthouse, 'victim')
    const word = fc.constantFrom(
      ...['type', 'dst', 'src', 'payload', 'position', 'parcel', 'connectedPeerIds', 'optimizeNetwork'],
      ...['HEARTBEAT', 'OFFER', 'VALIDATION', 'victim', '__proto__', 'maxDistance']
    )
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        word,
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(word, tie('node'))
      )
    })).node
    const type = fc.constantFrom('HEARTBEAT', 'OFFER', 'ANSWER', 'CANDIDATE', 'REJECT', 'LEAVE', 'EXPIRE')
    const almostFrame = fc.record({ type, dst: word, payload: value }, { requiredKeys: ['type'] })
    const frame = fc.oneof(
      fc.string(),
      fc.nat(10_000).map(nested),
      value.map((it) => JSON.stringify(it)),
      almostFrame.map((it) => JSON.stringify(it)),
      fc.uint8Array({ maxLength: 200 })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 30 }), async (frames) => {
        for (const one of frames) if (victim.socket.readyState === WebSocket.OPEN) victim.socket.send(one)
        if (victim.socket.readyState !== WebSocket.OPEN)
          victim = await TestClient.connect(lighthouse, 'victim')
        await ann.settle()
      }),
      { numRuns: 200 }
    )
    for (const path of ['/peers', '/peers/topology', '/islands', '/parcels', '/layers', '/status'])
      assert.equal((await ann.request('GET', path)).status, 200)
  })
})

describe('connections', () => {
  it('refuses the sockets and calls of pages of public sites', async () => {
    const headers = { origin: 'https://evil.example' }
    const socket = new WebSocket(`${lighthouse.url.replace('http', 'ws')}/peerjs?key=peerjs&token=t`, {
      headers
    })
    const [error] = (await once(socket, 'error')) as [Error]
    assert.match(error.message, /403/)
    for (const method of ['GET', 'OPTIONS', 'PUT'])
      assert.equal((await fetch(`${lighthouse.url}/layers/blue`, { method, headers })).status, 403, method)
  })

  it('refuses calls by a public name that points at this machine', async () => {
    const call = get(`${lighthouse.url}/peers`, { headers: { host: 'evil.example' } })
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    response.resume()
    assert.equal(response.statusCode, 403)
  })

  it('serves the pages of other machines', async () => {
    const headers = { origin: 'http://192.168.1.20:7654' }
    const socket = new WebSocket(`${lighthouse.url.replace('http', 'ws')}/peerjs?key=peerjs&token=t`, {
      headers
    })
    await once(socket, 'open')
    const response = await fetch(`${lighthouse.url}/status`, { headers })
    assert.equal(response.headers.get('access-control-allow-origin'), headers.origin)
  })

  it('has room for peers while other sockets never answer the challenge', async () => {
    const guests = await Promise.all(
      Array.from({ length: 300 }, (_, i) => TestClient.open(lighthouse, `?key=peerjs&id=guest${i}&token=t`))
    )
    await TestClient.connect(lighthouse, 'bob')
    const open = guests.filter(({ socket }) => socket.readyState === WebSocket.OPEN)
    assert.ok(open.length <= 250, `${open.length} are open`)
    await ann.settle()
  })

  it('disconnects a socket that does not answer the challenge in time', async () => {
    await lighthouse.close()
    lighthouse = await startLighthouse({ port: 0, validationTimeout: 100 })
    ann = await TestClient.connect(lighthouse, 'ann')
    const guest = await TestClient.open(lighthouse, '?key=peerjs&id=guest&token=t')
    await guest.closed
    await ann.settle()
  })

  it('disconnects a peer that does not read', async () => {
    const bob = await TestClient.connect(lighthouse, 'bob')
    bob.socket.pause()
    const payload = 'x'.repeat(60_000)
    const isThere = async () => JSON.stringify((await ann.request('GET', '/peers')).body).includes('"bob"')
    for (let i = 0; i < 60; i++) ann.send({ type: 'OFFER', dst: 'bob', payload })
    await ann.settle()
    // The kernel's buffers must fill up too; other senders add what ann's allowance does not cover.
    for (let sender = 0; sender < 10 && (await isThere()); sender++) {
      const other = await TestClient.connect(lighthouse, `sender${sender}`)
      for (let i = 0; i < 60; i++) other.send({ type: 'OFFER', dst: 'bob', payload })
      await other.settle()
    }
    assert.equal(await isThere(), false)
    bob.socket.terminate()
  })

  it('refuses endless tokens', async () => {
    const client = await TestClient.open(lighthouse, `?key=peerjs&id=bob&token=${'x'.repeat(2_000)}`)
    await client.receive('ERROR')
    await client.closed
  })
})

it('limits the rooms of a peer', async () => {
  await ann.joinLayer('blue')
  const statuses = []
  for (let i = 0; i < 40; i++) statuses.push((await ann.joinRoom('blue', `room${i}`)).status)
  assert.equal(statuses.filter((status) => status === 200).length, 32)
  assert.equal(statuses.at(-1), 429)
  await ann.request('DELETE', '/layers/blue/rooms/room0/users/ann')
  assert.equal((await ann.joinRoom('blue', 'again')).status, 200)
})

const ignore = () => undefined
const fail = () => {
  throw new Error('planted')
}
