import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MeshPeer, type MeshSettings } from './mesh-peer'
import { decodeMessage, encodeMessage } from './messages/comms-message'
import { FAKE_WEBRTC, FakeMesh, type FakePeer } from './testing/fake-mesh'
import { VirtualTime } from './testing/virtual-time'

const time = new VirtualTime()

interface Made {
  peer: MeshPeer
  inner: FakePeer
}

function make(id: string, mesh: FakeMesh, settings: Partial<MeshSettings> = {}): Made {
  const clock = { now: () => 1_000_000 + performance.now(), known: Promise.resolve() }
  const peer = new MeshPeer(
    id,
    {
      library: mesh.library,
      lighthouseUrl: 'http://lighthouse:9000',
      iceServers: [],
      turn: 'off',
      messageTypes: 'faithful',
      config: {},
      clock,
      webRtc: FAKE_WEBRTC,
      ...settings
    },
    () => [1, 0, 2]
  )
  return { peer, inner: mesh.peers.at(-1)! }
}

const position = { kind: 'position', position: [3, 0, 4] } as const

describe('a mesh peer', () => {
  it('gives each message of a kind a later time, even if the clock stands still', async () => {
    const { peer, inner } = make('a', new FakeMesh())
    await peer.join()
    const times: number[] = []
    inner.send = (payload) => {
      times.push(decodeMessage('a', payload)!.time)
      return Promise.resolve()
    }
    peer.ledger.begin({ recordFrom: 0, measured: { from: 0, until: Infinity } })
    for (let i = 0; i < 5; i++) peer.send(position)
    await Promise.resolve()
    for (const [i, at] of times.slice(1).entries()) assert.ok(at > times[i]!, `${at} after ${times[i]!}`)
    assert.equal(peer.ledger.total.sent, 5)
  })

  const refusals: [how: string, send: FakePeer['send']][] = [
    ['rejects', () => Promise.reject(new Error('not in the room'))],
    [
      'throws',
      () => {
        throw new Error('planted')
      }
    ]
  ]
  for (const [how, send] of refusals)
    it(`counts a message as an error, not as sent, if the library ${how}`, async () => {
      const { peer, inner } = make('a', new FakeMesh())
      await peer.join()
      peer.ledger.begin({ recordFrom: 0, measured: { from: 0, until: Infinity } })
      inner.send = send
      peer.send(position)
      peer.keepAlive([3, 0, 4])
      await time.pass(1)
      assert.equal(peer.ledger.total.sent, 0)
      assert.equal(peer.ledger.measured.sendErrors, 1)
    })

  it('waits for the library to accept what was sent, but not for ever', async () => {
    const { peer, inner } = make('a', new FakeMesh())
    await peer.join()
    peer.ledger.begin({ recordFrom: 0, measured: { from: 0, until: Infinity } })
    assert.equal(peer.isSending, false)
    peer.send(position)
    assert.equal(peer.isSending, true)
    await peer.awaitSends()
    assert.deepEqual([peer.isSending, peer.ledger.total.sent], [false, 1])
    inner.send = () => new Promise(() => undefined)
    peer.send(position)
    await time.until(peer.awaitSends(), 1000)
    assert.equal(peer.ledger.total.sent, 1)
  })

  it('tells the library the positions of senders', async () => {
    const mesh = new FakeMesh()
    const [a, b] = [make('a', mesh), make('b', mesh)]
    await Promise.all([a.peer.join(), b.peer.join()])
    a.peer.send(position)
    await time.pass(6)
    assert.deepEqual([...b.inner.positions], [['a', [3, 0, 4]]])
  })

  it('counts only what another peer sent: no bytes that are no message, no changed one, no echo', () => {
    const { peer, inner } = make('a', new FakeMesh())
    peer.ledger.begin({ recordFrom: 0, measured: { from: 0, until: Infinity } })
    const sound = encodeMessage('b', 5, position)
    inner.options.onMessage('b', Uint8Array.of(255, 255, 255), 0)
    inner.options.onMessage('c', sound, 0)
    inner.options.onMessage('a', encodeMessage('a', 5, position), 0)
    inner.options.onMessage('b', sound, 0)
    assert.deepEqual([peer.ledger.total.received, peer.ledger.heard.map(([sender]) => sender)], [1, ['b']])
    assert.deepEqual(peer.ledger.integrity, { echoes: 1, altered: 2 })
    assert.equal(peer.errors[0], '3 bytes from b are not what it sent')
  })

  it('keeps the mesh alive with positions that nobody counts', async () => {
    const mesh = new FakeMesh()
    const [a, b] = [make('a', mesh), make('b', mesh)]
    await Promise.all([a.peer.join(), b.peer.join()])
    for (const { peer } of [a, b])
      peer.ledger.begin({ recordFrom: 0, measured: { from: 0, until: Infinity } })
    a.peer.keepAlive([3, 0, 4])
    await time.pass(6)
    assert.deepEqual([a.peer.ledger.total.sent, b.peer.ledger.total.received], [0, 0])
    assert.deepEqual([...b.inner.positions], [['a', [3, 0, 4]]])
  })

  it('is present from its join, although the clock is known later', async () => {
    let know: () => void
    let offset = 0
    const known = new Promise<void>((resolve) => (know = resolve))
    const { peer } = make('a', new FakeMesh(), { clock: { now: () => offset + performance.now(), known } })
    const joinedAt = performance.now()
    const joining = peer.join()
    await time.pass(200)
    assert.equal(peer.presence, undefined)
    offset = 5000
    know!()
    await joining
    assert.equal(peer.presence!.joined, Math.floor(5000 + joinedAt))
    assert.equal(peer.connectionTimes.joined, 0)
  })

  it('names the Lighthouse that does not accept it', async () => {
    const { peer } = make('a', new FakeMesh({ refuses: true }))
    await assert.rejects(
      peer.enter(),
      /The Lighthouse at http:\/\/lighthouse:9000 does not accept peers: is it running/
    )
  })

  it('measures the wire from the beginning of the measured time to its end', async () => {
    const mesh = new FakeMesh()
    const [a, b] = [make('a', mesh), make('b', mesh)]
    await Promise.all([a.peer.join(), b.peer.join()])
    const send = async (times: number) => {
      for (let i = 0; i < times; i++) a.peer.send(position)
      await time.pass(6)
    }
    await send(3)
    b.peer.beginMeasured()
    await send(2)
    b.peer.endMeasured()
    await send(4)
    const { received, receivedBytes } = b.peer.measuredWire()
    assert.equal(received, 2)
    assert.ok(receivedBytes > 2 * 9)
    assert.equal(b.peer.traffic.wire.received, 9)
  })

  it('leaves out of the build’s own statistics what is no amount, and says so once', () => {
    const { peer, inner } = make('a', new FakeMesh())
    inner.endStatsPeriod = () => ({
      sent: 3,
      relayed: 0,
      received: NaN,
      expired: -1,
      all: Infinity,
      duplicate: 1e16
    })
    for (let period = 0; period < 2; period++)
      assert.deepEqual(peer.endStatsPeriod(), { sent: 3, relayed: 0 })
    assert.deepEqual(peer.errors, [
      "The build's own statistics are no amounts: received, expired, all, duplicate"
    ])
  })

  it('keeps as many errors as the contract allows, each cut to its length', () => {
    const { peer } = make('a', new FakeMesh())
    for (let i = 0; i < 30; i++) peer.noteError('x'.repeat(5000))
    assert.equal(peer.errors.length, 20)
    assert.equal(peer.errors[0]!.length, 1024)
  })
})
