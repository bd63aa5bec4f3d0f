import { randomUUID } from 'node:crypto'
import type { WebSocket } from 'ws'
import { parseFrame, type Heartbeat, type RelayedFrame } from './frames'
import type { LighthouseOptions } from './options'
import { send, type Peer, type Peers } from './peers'

const KEY = 'peerjs'
const MAX_ID_LENGTH = 256
/** Ids under which the Lighthouse itself speaks. */
const OWN_IDS = new Set(['__lighthouse__', '__lighthouse_notification__', '__lighthouse_response__'])
/** How often an id is drawn for a peer that brings none, before it is told that none is left. */
const ID_ATTEMPTS = 10

interface RefusalFrame {
  type: 'ERROR' | 'ID-TAKEN'
  payload: { msg: string }
}

export interface ConnectionEvents {
  heartbeat(peer: Peer, heartbeat: Heartbeat): void
  closed(peer: Peer): void
}

/** The WebSocket side that both generations share: handshake, relaying, heartbeats and their time-out. */
export class Connections {
  constructor(
    private readonly peers: Peers,
    private readonly options: LighthouseOptions,
    private readonly events: ConnectionEvents
  ) {}

  /** Greets or refuses a new socket. `query` is what its address carried. */
  accept(socket: WebSocket, query: URLSearchParams): void {
    // A socket's error is always followed by its close, which is where we act.
    socket.on('error', (error) => {
      this.options.logger.debug({ error: error.message }, 'socket error')
    })
    const wantedId = query.get('id') === '' ? null : query.get('id')
    const token = query.get('token') ?? ''
    const refusal = this.#whyRefuse(query.get('key'), token, wantedId)
    if (refusal) {
      this.#refuse(socket, refusal)
      return
    }
    const known = wantedId ? this.peers.get(wantedId) : undefined
    if (known) this.#swapSocket(known, socket)
    else this.#challenge(socket, token, wantedId)
  }

  /** Disconnects the peers that have been silent for too long. */
  dropSilentPeers(): void {
    const oldest = Date.now() - this.options.heartbeatTimeout
    for (const peer of this.peers.values()) {
      if (peer.lastSeen >= oldest) continue
      this.options.logger.info({ id: peer.id }, 'no heartbeat: disconnecting')
      this.#forget(peer)
      peer.socket.close(1000, 'no heartbeat')
    }
  }

  #whyRefuse(key: string | null, token: string, wantedId: string | null): RefusalFrame | undefined {
    if (!token || !key) return errorFrame('No token, or key supplied to websocket server')
    if (key !== KEY) return errorFrame('Invalid key provided')
    if (wantedId) {
      if (wantedId.length > MAX_ID_LENGTH) {
        return errorFrame(`Invalid id provided: at most ${MAX_ID_LENGTH} characters`)
      }
      const known = this.peers.get(wantedId)
      if (known?.token === token) return undefined
      if (known || OWN_IDS.has(wantedId)) return { type: 'ID-TAKEN', payload: { msg: 'ID is taken' } }
    }
    if (this.peers.size >= this.options.maxPeers) {
      return errorFrame('Server has reached its concurrent user limit')
    }
    return undefined
  }

  #refuse(socket: WebSocket, refusal: RefusalFrame): void {
    this.options.logger.info(refusal, 'connection refused')
    send(socket, refusal)
    socket.close()
  }

  #challenge(socket: WebSocket, token: string, wantedId: string | null): void {
    const id = wantedId ?? this.#freeId()
    if (id === undefined) {
      this.#refuse(socket, errorFrame('No available id has been found'))
      return
    }
    const peer: Peer = {
      id,
      token,
      socket,
      validated: false,
      generation: 'undecided',
      lastSeen: Date.now(),
      connectedPeerIds: []
    }
    this.peers.set(id, peer)
    this.#listen(peer, socket)
    if (!wantedId) send(socket, { type: 'ASSIGNED_ID', payload: { id } })
    // Any answer will do, but to an empty challenge the client would never answer.
    send(socket, { type: 'OPEN', payload: randomUUID() })
    this.options.logger.info({ id }, 'peer connected')
  }

  #freeId(): string | undefined {
    const drawn = Array.from({ length: ID_ATTEMPTS }, this.options.createId)
    return drawn.find((id) => !this.peers.has(id))
  }

  /** The same peer on a new socket: everything else about it stays, so it is not challenged again. */
  #swapSocket(peer: Peer, socket: WebSocket): void {
    const old = peer.socket
    peer.socket = socket
    peer.lastSeen = Date.now()
    this.#listen(peer, socket)
    old.close(1000, 'replaced by a new socket')
    this.options.logger.info({ id: peer.id }, 'socket swapped')
  }

  #listen(peer: Peer, socket: WebSocket): void {
    socket.on('message', (data: Buffer) => {
      if (peer.socket === socket) this.#receive(peer, data.toString())
    })
    socket.on('close', () => {
      if (peer.socket === socket) this.#forget(peer)
    })
  }

  #receive(peer: Peer, text: string): void {
    const frame = parseFrame(text)
    if (frame?.type === 'VALIDATION') {
      peer.validated = true
      send(peer.socket, { type: 'VALIDATION_OK' })
    } else if (!frame || !peer.validated) {
      this.options.logger.debug({ id: peer.id, type: frame?.type }, 'frame dropped')
    } else if (frame.type === 'HEARTBEAT') {
      peer.lastSeen = peer.lastPing = Date.now()
      this.events.heartbeat(peer, frame.payload)
    } else {
      this.#relay(peer, frame)
    }
  }

  /**
   * Forwards signalling between peers of one island, or between peers that are in none, as those of the layers
   * generation are.
   */
  #relay(peer: Peer, { type, dst, payload }: RelayedFrame): void {
    const receiver = this.peers.get(dst)
    if (!receiver?.validated || receiver.island !== peer.island) {
      this.options.logger.debug({ type, src: peer.id, dst }, 'frame not relayed')
      return
    }
    send(receiver.socket, { type, src: peer.id, dst, payload })
  }

  #forget(peer: Peer): void {
    if (this.peers.get(peer.id) !== peer) return
    this.peers.delete(peer.id)
    this.options.logger.info({ id: peer.id }, 'peer left')
    this.events.closed(peer)
  }
}

function errorFrame(msg: string): RefusalFrame {
  return { type: 'ERROR', payload: { msg } }
}
