/** The part of the libraries' API that generations D and E share. Written down here because not all packages have usable types. */
import type { Position } from '../messages/comms-message'
import { socketWithHeartbeat } from './first-heartbeat'
import type { PeerMessageType } from './message-types'
import type { LibraryStats, PeerOptions } from './peer-library'

export interface CatalystPeer {
  readonly knownPeers: Record<string, unknown>
  readonly stats: CatalystStats
  awaitConnectionEstablished(timeoutMs?: number): Promise<void>
  joinRoom(room: string): Promise<unknown>
  sendMessage(room: string, payload: Uint8Array, type: PeerMessageType): Promise<void>
  setPeerPosition(id: string, position: Position): void
  fullyConnectedPeerIds(): string[]
  dispose(): Promise<void>
}

export interface CatalystStats {
  relayed: { totalPackets: number }
  onPeriod(now: number): void
  /** Ends the library's own timer of periods. */
  dispose(): void
}

/** Called for each message of a joined room. `packet.hops` is 1 for a message that came directly. */
export type CatalystCallback = (
  sender: string,
  room: string,
  payload: Uint8Array,
  packet?: { hops: number }
) => void

export type CatalystPeerClass<P extends CatalystPeer> = new (
  lighthouseUrl: string,
  id: string,
  callback: CatalystCallback,
  config: Record<string, unknown>
) => P

/** Config that both generations take. */
export function commonConfig(options: PeerOptions): Record<string, unknown> {
  return {
    connectionConfig: { iceServers: options.iceServers },
    wrtc: options.wrtc,
    ...(options.sessionId !== undefined && { sessionId: options.sessionId }),
    ...(options.pingInterval !== undefined && { pingInterval: options.pingInterval }),
    positionConfig: { selfPosition: options.position },
    socketBuilder: socketWithHeartbeat(options.position),
    authHandler: (challenge: string) => Promise.resolve(challenge),
    logLevel: 'NONE'
  }
}

export function callbackOf({ onMessage }: PeerOptions): CatalystCallback {
  return (sender, _room, payload, packet) => {
    onMessage(sender, payload, packet && packet.hops - 1)
  }
}

/** A line for what the library calls its status. */
export function explainStatus(status: string): string {
  if (status === 'id-taken') {
    return 'The Lighthouse says that the id is taken: another test with the same seed uses it; choose another seed'
  }
  return `The connection to the Lighthouse is lost (${status}): is it still running?`
}

/** Takes the periods into our own hands, so that a data point's period is exactly what it covers. */
export function takeOverPeriods(peer: CatalystPeer): void {
  peer.stats.dispose()
  peer.stats.onPeriod(performance.now())
}

/** The numbers of the library's own statistics for the period that ends now. */
export function endStatsPeriod<P extends CatalystPeer>(
  peer: P,
  buildStats: (peer: P) => object
): LibraryStats {
  peer.stats.onPeriod(performance.now())
  return Object.fromEntries(
    Object.entries(buildStats(peer)).filter(([, value]) => typeof value === 'number')
  ) as LibraryStats
}
