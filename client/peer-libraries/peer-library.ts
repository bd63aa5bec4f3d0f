/** What the suite needs of a peer library. Each generation of its API has one adapter that hides the difference. */
import type { LibraryField } from '../../protocol/metrics'
import type { Library } from '../../protocol/peer-results'
import type { Position } from '../messages/comms-message'
import type { PeerMessageType } from './message-types'

export interface PeerLibrary {
  /** Which build this is. */
  readonly build: Omit<Library, 'config'>
  /** Makes a peer, which begins to connect to the Lighthouse at once. */
  createPeer(options: PeerOptions): LibraryPeer
}

export interface PeerOptions {
  id: string
  /** All peers of one mesh need the identical text: they refuse each other otherwise. */
  lighthouseUrl: string
  sessionId?: string
  /** Where the peer is now. */
  position: () => Position
  iceServers: object[]
  /** WebRTC's constructors, counted for this peer. */
  wrtc: WebRtc
  /** ms; off where absent. */
  pingInterval?: number
  /** Options of the library that override all others. */
  config: Record<string, unknown>
  /** `relays` between sender and receiver, where the build tells. */
  onMessage: (sender: string, payload: Uint8Array, relays: number | undefined) => void
  /** What went wrong with the Lighthouse, in one line. */
  onTrouble: (trouble: string) => void
}

export interface WebRtc {
  RTCPeerConnection: typeof RTCPeerConnection
  RTCSessionDescription: typeof RTCSessionDescription
  RTCIceCandidate: typeof RTCIceCandidate
}

/** The library's own statistics: of the period that ends now, and in total. Builds without them give none. */
export type LibraryStats = Partial<Record<LibraryField, number>> & { averageLatency?: number }

export interface LibraryPeer {
  /** Resolves once the Lighthouse has accepted the peer. */
  awaitAccepted(): Promise<void>
  /** Joins the layer, where there are layers, and the room. */
  join(): Promise<void>
  /** Resolves once it is in a group. */
  awaitGroup(): Promise<void>
  /** Rejects where the room is not joined, for example while the Lighthouse is gone. */
  send(payload: Uint8Array, type: PeerMessageType): Promise<void>
  /** Tells the library where another peer is. */
  setPeerPosition(id: string, position: Position): void
  connectedPeers(): string[]
  knownPeers(): number
  /** Layer or island. */
  group(): string | undefined
  /** Since it was made, by the library's own count; 0 in builds without one. */
  relayedPackets(): number
  endStatsPeriod(): LibraryStats
  dispose(): Promise<void>
}

/** Layer of the older generation. */
export const LAYER = 'blue'
export const ROOM = 'room'
