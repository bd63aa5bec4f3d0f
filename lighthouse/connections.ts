import { randomUUID } from 'node:crypto'
import { MAX_ID_LENGTH, parseFrame, type Heartbeat, type RelayedFrame } from './frames'
import type { LighthouseOptions } from './options'
import { send } from './messages'
import type { Peer, Peers, PeerSocket } from './peers'

const KEY = 'peerjs'
const MAX_TOKEN_LENGTH = 1024
/** A connection is closed once its invalid frames outnumber the valid ones by this many. */
const MAX_BAD_FRAMES = 100
/** Sockets that have not answered the challenge. If more come, the oldest goes: an answer is quick. */
const MAX_GUESTS = 250
/** Bytes that a peer may send at once. Joining a full mesh of 100 peers takes about a quarter of this. */
const BURST_BYTES = 4 * 1024 * 1024
/** Bytes per second that a peer may send in the long run. */
const BYTES_PER_SECOND = 512 * 1024
/** Minimum that a frame counts for: short frames cost time as well. */
const LEAST_FRAME_BYTES = 256
/** Codes of RFC 6455, 7.4.1. */
const POLICY_VIOLATION = 1008
const INTERNAL_ERROR = 1011
/** Ids that the Lighthouse itself uses as a sender. */
const OWN_IDS = new Set(['__lighthouse__', '__lighthouse_notification__', '__lighthouse_response__'])

const ID_TAKEN = 'ID is taken'

/** The WebSocket side that both generations share: handshake, relaying, heartbeats and their timeout. */
export class Connections {
  readonly #guests = new Set<Peer>()
  #rewriting: Promise<void> = Promise.resolve()

  constructor(
    private readonly peers: Peers,
    private readonly options: LighthouseOptions,
    private readonly events: { heartbeat(peer: Peer, heartbeat: Heartbeat): void; closed(peer: Peer): void }
  ) {}

  /** Greets or refuses a new socket; `query` is that of the address it was opened with. */
  accept(socket: PeerSocket, query: URLSearchParams): void {
    // A socket's error is always followed by its close, which is handled below.
    socket.on('error', (error) => this.options.logger.debug({ error: error.message }, 'socket error'))
    const wantedId = query.get('id') === '' ? null : query.get('id')
    const token = query.get('token') ?? ''
    const refusal = this.#whyRefuse(query.get('key'), token, wantedId)
    const known = wantedId ? this.peers.get(wantedId) : undefined
    if (refusal) this.#refuse(socket, refusal)
    else if (known) this.#swapSocket(known, socket)
    else this.#challenge(socket, token, wantedId)
  }

  dropSilentPeers(): void {
    const { heartbeatTimeout, validationTimeout } = this.options
    const now = performance.now()
    for (const peer of this.peers.values()) {
      const silence = now - peer.lastSeen
      if (silence > heartbeatTimeout) this.#disconnect(peer, 'no heartbeat')
      else if (!peer.validated && silence > validationTimeout)
        this.#disconnect(peer, 'no answer to the challenge')
    }
  }

  #whyRefuse(key: string | null, token: string, wantedId: string | null): string | undefined {
    if (!token || !key) return 'No token, or key supplied to websocket server'
    if (token.length > MAX_TOKEN_LENGTH)
      return `Invalid token provided: at most ${MAX_TOKEN_LENGTH} characters`
    if (key !== KEY) return 'Invalid key provided'
    if (wantedId) {
      if (wantedId.length > MAX_ID_LENGTH) return `Invalid id provided: at most ${MAX_ID_LENGTH} characters`
      const known = this.peers.get(wantedId)
      if (known?.token === token) return undefined
      if (known || OWN_IDS.has(wantedId)) return ID_TAKEN
    }
    return this.peers.size >= this.options.maxPeers && this.#guests.size === 0
      ? 'Server has reached its concurrent user limit'
      : undefined
  }

  #refuse(socket: PeerSocket, msg: string): void {
    const refusal = { type: msg === ID_TAKEN ? 'ID-TAKEN' : 'ERROR', payload: { msg } }
    this.options.logger.info(refusal, 'connection refused')
    send(socket, refusal)
    socket.close()
  }

  #challenge(socket: PeerSocket, token: string, wantedId: string | null): void {
    const id = wantedId ?? this.#freeId()
    const [oldest] = this.#guests
    const isFull = this.#guests.size >= MAX_GUESTS || this.peers.size >= this.options.maxPeers
    if (oldest && isFull) this.#disconnect(oldest, 'too many connections without an answer to the challenge')
    const fresh = { validated: false, connectedPeerIds: [], lastSeen: performance.now() }
    const peer: Peer = { id, token, socket, generation: 'undecided', ...fresh }
    this.peers.set(id, peer)
    this.#guests.add(peer)
    this.#listen(peer, socket)
    if (!wantedId) send(socket, { type: 'ASSIGNED_ID', payload: { id } })
    // Any answer will do, but clients never answer an empty challenge.
    send(socket, { type: 'OPEN', payload: randomUUID() })
    this.options.logger.info({ id }, 'peer connected')
  }

  #freeId(): string {
    const id = Math.random().toString(36).slice(2, 10)
    return this.peers.has(id) ? this.#freeId() : id
  }

  /** Moves a peer to a new socket. Everything else about the peer stays, so it is not challenged again. */
  #swapSocket(peer: Peer, socket: PeerSocket): void {
    const old = peer.socket
    peer.socket = socket
    peer.lastSeen = performance.now()
    this.#listen(peer, socket)
    old.close(1000, 'replaced by a new socket')
    this.options.logger.info({ id: peer.id }, 'socket swapped')
  }

  #listen(peer: Peer, socket: PeerSocket): void {
    const allowance = new Allowance()
    let badFrames = 0
    socket.on('message', (data) => {
      if (peer.socket !== socket) return
      if (!allowance.take(data.length)) {
        this.#disconnect(peer, 'too much data', POLICY_VIOLATION)
        return
      }
      badFrames = this.#receive(peer, data) ? Math.max(0, badFrames - 1) : badFrames + 1
      if (badFrames > MAX_BAD_FRAMES) this.#disconnect(peer, 'too many bad frames', POLICY_VIOLATION)
    })
    socket.on('close', () => {
      if (peer.socket === socket) this.#forget(peer)
    })
  }

  /** False for a frame that cannot be understood. An error ends only the connection that caused it. */
  #receive(peer: Peer, data: Buffer): boolean {
    const frame = parseFrame(data.toString())
    try {
      if (frame?.type === 'VALIDATION') {
        peer.validated = true
        this.#guests.delete(peer)
        send(peer.socket, { type: 'VALIDATION_OK' })
      } else if (!frame || !peer.validated) {
        this.options.logger.debug({ id: peer.id, type: frame?.type }, 'frame dropped')
      } else if (frame.type === 'HEARTBEAT') {
        peer.lastSeen = performance.now()
        peer.lastPing = Date.now()
        this.events.heartbeat(peer, frame.payload)
      } else {
        this.#relay(peer, frame)
      }
    } catch (error) {
      this.options.logger.error({ id: peer.id, err: error }, 'a frame could not be handled')
      this.#disconnect(peer, 'the Lighthouse failed: see its log', INTERNAL_ERROR)
    }
    return frame !== undefined
  }

  /** Forwards signalling between peers of one island, or between peers in none, such as those of layers. */
  #relay(peer: Peer, { type, dst, payload }: RelayedFrame): void {
    const receiver = this.peers.get(dst)
    if (!receiver?.validated || receiver.island !== peer.island) {
      this.options.logger.debug({ type, src: peer.id, dst }, 'frame not relayed')
      return
    }
    const { rewrite, logger } = this.options
    const pass = (passed: unknown) => send(receiver.socket, { type, src: peer.id, dst, payload: passed })
    if (!rewrite) {
      pass(payload)
      return
    }
    // Rewrite one at a time: a candidate must not overtake the offer that it belongs to.
    this.#rewriting = this.#rewriting
      .then(() => rewrite({ src: peer.id, dst, payload }))
      .then(
        (rewritten) => {
          if (rewritten !== undefined || payload === undefined) pass(rewritten)
        },
        (err: unknown) => logger.error({ err, type, src: peer.id, dst }, 'frame could not be rewritten')
      )
  }

  #disconnect(peer: Peer, reason: string, code = 1000): void {
    this.options.logger.info({ id: peer.id, reason }, 'disconnecting')
    this.#forget(peer)
    peer.socket.close(code, reason)
  }

  #forget(peer: Peer): void {
    if (this.peers.get(peer.id) !== peer) return
    this.peers.delete(peer.id)
    this.#guests.delete(peer)
    this.options.logger.info({ id: peer.id }, 'peer left')
    this.events.closed(peer)
  }
}

/** What one connection may send: a token bucket (https://en.wikipedia.org/wiki/Token_bucket). */
class Allowance {
  #bytes = BURST_BYTES
  #at = performance.now()

  /** Returns false if the connection has sent too much. */
  take(frameBytes: number): boolean {
    const now = performance.now()
    const earned = ((now - this.#at) / 1000) * BYTES_PER_SECOND
    this.#at = now
    this.#bytes = Math.min(BURST_BYTES, this.#bytes + earned) - Math.max(frameBytes, LEAST_FRAME_BYTES)
    return this.#bytes >= 0
  }
}
