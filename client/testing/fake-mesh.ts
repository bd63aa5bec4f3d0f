/**
 * An in-memory mesh behind the interface of a peer library: all peers in the room are connected to each
 * other.
 */
import type { Position } from '../messages/comms-message'
import type { LibraryPeer, PeerLibrary, PeerOptions, WebRtc } from '../peer-libraries/peer-library'

export interface FakeMeshOptions {
  /** Whether the mesh's Lighthouse refuses everyone. */
  refuses?: boolean
  /** ms from joining until the newcomer's connections are open; 0 by default. */
  connectMs?: number
  /** ms from sender to receiver; 5 by default. */
  delayMs?: number
  /** How many peers the library makes; no limit by default. */
  mostPeers?: number
  /** How many peers may join in the mesh's life; no limit by default. */
  mostJoins?: number
  /** How many peers find a group; those that come later wait for ever. No limit by default. */
  mostGroups?: number
  /** How many connections the page's Chromium makes, one for each join; no limit by default. */
  mostConnections?: number
  /** Peers that receive packets and drop them, by their index in order of creation. */
  deaf?: readonly number[]
  /** How often each message is delivered; once by default. */
  copies?: number
  /** What the library answers to a send in the room; a fulfilled promise by default. */
  answer?: () => Promise<void>
  /** What it answers to dispose(). */
  farewell?: () => Promise<void>
}

export class FakeMesh {
  readonly peers: FakePeer[] = []
  readonly library: PeerLibrary = {
    build: { name: 'fake-peer', version: '1.0.0', generation: 'layers' },
    createPeer: (options) => {
      if (this.peers.length >= (this.options.mostPeers ?? Infinity)) throw new Error('full')
      const peer = new FakePeer(this, this.peers.length, options)
      this.peers.push(peer)
      return peer
    }
  }

  constructor(readonly options: FakeMeshOptions = {}) {}

  /** The peers that a peer is connected to. */
  neighboursOf(peer: FakePeer): FakePeer[] {
    const { connectMs = 0 } = this.options
    const isConnected = (other: FakePeer) =>
      other !== peer && performance.now() >= Math.max(other.joinedAt, peer.joinedAt) + connectMs
    return this.peers.filter(isConnected)
  }
}

export class FakePeer implements LibraryPeer {
  /** By `performance.now()`; Infinity while it is not in the room. */
  joinedAt = Infinity
  /** The positions of other peers that it was told. */
  readonly positions = new Map<string, Position>()
  private channel: FakeChannel | undefined
  private sentInPeriod = 0

  constructor(
    private readonly mesh: FakeMesh,
    private readonly index: number,
    readonly options: PeerOptions
  ) {}

  awaitAccepted = () =>
    this.mesh.options.refuses === true ? Promise.reject(new Error('closed')) : Promise.resolve()
  awaitGroup = () =>
    this.index >= (this.mesh.options.mostGroups ?? Infinity)
      ? new Promise<void>(() => undefined)
      : Promise.resolve()

  join(): Promise<void> {
    if (this.index >= (this.mesh.options.mostJoins ?? Infinity)) return Promise.reject(new Error('full'))
    this.joinedAt = performance.now()
    try {
      const connection = new this.options.wrtc.RTCPeerConnection()
      this.channel = connection.createDataChannel('fake') as unknown as FakeChannel
    } catch {
      // The libraries go on without it, too.
    }
    return Promise.resolve()
  }

  send(payload: Uint8Array): Promise<void> {
    if (this.joinedAt === Infinity) return Promise.reject(new Error('not in the room'))
    const { delayMs = 5, copies = 1, answer = () => Promise.resolve() } = this.mesh.options
    for (const neighbour of this.mesh.neighboursOf(this)) {
      this.sentInPeriod++
      this.channel?.send(payload)
      for (let copy = 0; copy < copies; copy++) {
        setTimeout(() => neighbour.receive(this.options.id, payload), delayMs)
      }
    }
    return answer()
  }

  setPeerPosition(id: string, position: Position): void {
    this.positions.set(id, position)
  }

  connectedPeers(): string[] {
    return this.mesh.neighboursOf(this).map(({ options }) => options.id)
  }

  knownPeers(): number {
    return this.mesh.peers.filter((other) => other !== this && other.joinedAt < Infinity).length
  }

  group = () => (this.joinedAt < Infinity ? 'blue' : undefined)
  relayedPackets = () => 0

  endStatsPeriod() {
    const sent = this.sentInPeriod
    this.sentInPeriod = 0
    return { sent }
  }

  dispose(): Promise<void> {
    this.joinedAt = Infinity
    return this.mesh.options.farewell?.() ?? Promise.resolve()
  }

  receive(sender: string, payload: Uint8Array): void {
    if (this.joinedAt === Infinity) return
    this.channel?.dispatchEvent(new MessageEvent('message', { data: payload }))
    if (!this.mesh.options.deaf?.includes(this.index)) this.options.onMessage(sender, payload, 0)
  }
}

/** An open channel that discards what is sent. */
class FakeChannel extends EventTarget {
  readonly readyState = 'open'
  /** Nobody is at the other end. */
  send: (data: unknown) => void = () => undefined
}

class FakeConnection extends EventTarget {
  createDataChannel(): FakeChannel {
    return new FakeChannel()
  }
  close(): void {
    // Nothing is open.
  }
}

/** For `PageParts`: Node has no WebRTC. */
export const FAKE_WEBRTC = fakeWebRtc()

export function fakeWebRtc({ mostConnections = Infinity }: FakeMeshOptions = {}): WebRtc {
  let made = 0
  class LimitedConnection extends FakeConnection {
    constructor() {
      if (++made > mostConnections) throw new DOMException('Cannot create so many', 'UnknownError')
      super()
    }
  }
  const others = { RTCSessionDescription: Object, RTCIceCandidate: Object }
  return { ...others, RTCPeerConnection: LimitedConnection } as unknown as WebRtc
}
