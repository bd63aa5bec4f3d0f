/** What the suite needs from a peer library. Each generation of the API has one adapter. */
import type { LibraryField } from '../../protocol/data-point'
import type { Generation } from '../../protocol/names'
import type { Library } from '../../protocol/peer-results'
import type { Position } from '../messages/comms-message'
import type { PeerMessageType } from './message-types'

declare global {
  /** What results say of each build; libraries/bundle/bundle.ts defines it. */
  const PEER_LIBRARY_BUILDS: Readonly<Record<Generation, PeerLibrary['build']>>
}

export interface PeerLibrary {
  readonly build: Omit<Library, 'config'>
  /** Creates a peer, which starts connecting to the Lighthouse at once. */
  createPeer(options: PeerOptions): LibraryPeer
}

export interface PeerOptions {
  id: string
  /** All peers of one mesh need the identical text; otherwise they refuse each other. */
  lighthouseUrl: string
  sessionId?: string
  position: () => Position
  connection: RTCConfiguration
  wrtc: WebRtc
  /** ms; off if absent. */
  pingInterval?: number
  /** Library options that override all others. */
  config: Record<string, unknown>
  /** `relays` is the number of relays between sender and receiver, if the build reports it. */
  onMessage: (sender: string, payload: Uint8Array, relays: number | undefined) => void
  /** What went wrong with the Lighthouse, in one line. */
  onTrouble: (trouble: string) => void
}

export type WebRtc = Pick<
  typeof globalThis,
  'RTCPeerConnection' | 'RTCSessionDescription' | 'RTCIceCandidate'
>

/** The library's own statistics for the period that ends now, and in total. Empty for builds without them. */
export type LibraryStats = Partial<Record<LibraryField, number>> & { averageLatency?: number }

export interface LibraryPeer {
  awaitAccepted(): Promise<void>
  /** Joins the layer, if this generation has layers, and the room. */
  join(): Promise<void>
  /** Resolves once the peer is in a group, if the Lighthouse assigns one later. */
  awaitGroup?(): Promise<void>
  /** Rejects if the room is not joined, for example while the Lighthouse is gone. */
  send(payload: Uint8Array, type: PeerMessageType): Promise<void>
  setPeerPosition(id: string, position: Position): void
  connectedPeers(): string[]
  knownPeers(): number
  /** Layer or island. */
  group(): string | undefined
  /** Since the peer was created, by the library's own count; 0 in builds without one. */
  relayedPackets(): number
  endStatsPeriod(): LibraryStats
  dispose(): Promise<void>
}

export const LAYER = 'blue'
export const ROOM = 'room'
