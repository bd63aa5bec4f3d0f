import type { Position } from './positions'

/** Where the Lighthouse takes WebSockets, as PeerJS's server does. */
export const SOCKETS_PATH = '/peerjs'

/** What the Lighthouse needs from a WebSocket: sockets of `ws` have it, and so do in-memory sockets. */
export interface PeerSocket {
  readonly OPEN: number
  readonly readyState: number
  /** Bytes waiting for the other side to read. */
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Cuts the connection without a closing handshake. */
  terminate(): void
  on(event: 'message', listener: (data: Buffer) => void): unknown
  on(event: 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

/**
 * A connected peer. Both generations share the handshake. One that calls the REST interface belongs to layers
 * from then on, any other that sends heartbeats with a position to islands.
 */
export interface Peer {
  readonly id: string
  readonly token: string
  socket: PeerSocket
  /** Whether it has answered the challenge. Until then it can neither relay nor be found. */
  validated: boolean
  generation: 'undecided' | 'layers' | 'islands'
  /** Of the last heartbeat, or of the connection before the first one, by `performance.now()`. */
  lastSeen: number
  lastPing?: number
  position?: Position | undefined
  parcel?: [x: number, y: number] | undefined
  connectedPeerIds: string[]
  protocolVersion?: number
  layer?: Layer
  island?: Island
}

export type PlacedPeer = Peer & { position: Position }

/** Every peer with an open socket, by id. A Map, because ids such as `__proto__` are valid. */
export type Peers = Map<string, Peer>

/** A group of the layers generation. */
export interface Layer {
  readonly id: string
  readonly users: Map<string, Peer>
  readonly rooms: Map<string, Map<string, Peer>>
}

/** A group of the islands generation. */
export interface Island {
  readonly id: string
  members: PlacedPeer[]
}
