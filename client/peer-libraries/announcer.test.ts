import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { Announcer } from './announcer'

class FakeSocket extends EventTarget {
  readonly sent: unknown[] = []
  readyState = 1
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  hear(message: unknown): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }))
  }
}

const realSocket = globalThis.WebSocket
const heartbeat = {
  type: 'HEARTBEAT',
  payload: { connectedPeerIds: [], position: [20, 0, -5], parcel: [1, -1] }
}

function announcerWithSocket(): { announcer: Announcer; socket: FakeSocket; asked: () => number } {
  globalThis.WebSocket = FakeSocket as unknown as typeof WebSocket
  let asked = 0
  const announcer = new Announcer(() => {
    asked++
    return [20, 0, -5]
  })
  const socket = announcer.openSocket('ws://lighthouse') as unknown as FakeSocket
  return { announcer, socket, asked: () => asked }
}

describe('the announcement of a peer', () => {
  afterEach(() => {
    globalThis.WebSocket = realSocket
  })

  it('goes out when the Lighthouse accepts the peer, not before', () => {
    const { socket } = announcerWithSocket()
    socket.hear({ type: 'OPEN', payload: 'challenge' })
    assert.deepEqual(socket.sent, [])
    socket.hear({ type: 'VALIDATION_OK' })
    assert.deepEqual(socket.sent, [heartbeat])
  })

  it('is repeated for a layer, without asking for the position again', () => {
    const { announcer, socket, asked } = announcerWithSocket()
    socket.hear({ type: 'VALIDATION_OK' })
    announcer.repeat()
    assert.deepEqual(socket.sent, [heartbeat, heartbeat])
    assert.equal(asked(), 1)
  })

  it('is not repeated on a closed socket, or before the peer is accepted', () => {
    const { announcer, socket } = announcerWithSocket()
    announcer.repeat()
    socket.hear({ type: 'VALIDATION_OK' })
    socket.readyState = 3
    announcer.repeat()
    assert.deepEqual(socket.sent, [heartbeat])
  })
})
