import type { WebSocket } from 'ws'
import type { Island } from './islands'
import type { Layer } from './layers'
import type { Position } from './positions'

/**
 * A connected peer library. Both generations share the handshake; what a peer does after it tells which one it is:
 * a peer that calls the REST interface is of the layers generation from then on, any other that sends heartbeats with a
 * position is put in an island.
 */
export interface Peer {
  readonly id: string
  readonly token: string
  socket: WebSocket
  /** Has answered the challenge. Until then it can neither relay nor be found. */
  validated: boolean
  generation: 'undecided' | 'layers' | 'islands'
  /** ms since the epoch of the last heartbeat, or of the connection before the first one. */
  lastSeen: number
  lastPing?: number
  position?: Position
  parcel?: [x: number, y: number]
  connectedPeerIds: string[]
  protocolVersion?: number
  layer?: Layer
  island?: Island
}

/** Every peer with an open socket, by id. A Map, because ids such as `__proto__` are as good as any. */
export type Peers = Map<string, Peer>

/** Bytes that may wait for a peer which does not read; beyond that it is cut off, so that it cannot fill our memory. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024

/** Sends a message if the socket is open; the close event deals with those that are not. */
export function send(socket: WebSocket, message: object): void {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount > MAX_UNSENT_BYTES) {
    socket.terminate()
    return
  }
  socket.send(JSON.stringify(message))
}

/** Tells a peer something in the name of the Lighthouse. Clients ignore frames whose `dst` is not theirs. */
export function notify(peer: Peer, src: string, type: string, payload?: object): void {
  send(peer.socket, { type, src, dst: peer.id, payload })
}
