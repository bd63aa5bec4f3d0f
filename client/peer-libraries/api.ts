/** What generations D and E of the libraries' API share. Not all packages have usable types. */
import type { Position } from '../messages/comms-message'
import { Announcer } from './announcer'
import type { PeerMessageType } from './message-types'
import { LAYER, ROOM, type LibraryStats, type PeerOptions } from './peer-library'

export interface CatalystPeer {
  readonly knownPeers: Record<string, unknown>
  readonly stats: {
    relayed: { totalPackets: number }
    onPeriod(now: number): void
    /** Stops the library's own timer of periods. */
    dispose(): void
  }
  awaitConnectionEstablished(timeoutMs?: number): Promise<void>
  joinRoom(room: string): Promise<unknown>
  sendMessage(room: string, payload: Uint8Array, type: PeerMessageType): Promise<void>
  setPeerPosition(id: string, position: Position): void
  fullyConnectedPeerIds(): string[]
  dispose(): Promise<void>
}

/** What generations B to D share. */
export interface LayerPeer extends Pick<
  CatalystPeer,
  'knownPeers' | 'awaitConnectionEstablished' | 'joinRoom' | 'sendMessage' | 'dispose'
> {
  setLayer(layer: string): Promise<void>
}

/** Called for each message in a joined room. `packet.hops` is 1 for a message that came directly. */
type CatalystCallback = (sender: string, room: string, payload: Uint8Array, packet?: { hops: number }) => void

export type CatalystPeerClass<P> = new (
  lighthouseUrl: string,
  id: string,
  callback: CatalystCallback,
  config: Record<string, unknown>
) => P

/** Creates a peer, which starts to connect, and what announces its position. */
export function connect<P>(Peer: CatalystPeerClass<P>, options: PeerOptions, onIslandChange?: () => void) {
  const announcer = new Announcer(options.position)
  const callback: CatalystCallback = (sender, room, payload, packet) => {
    if (room === ROOM) options.onMessage(sender, payload, packet && packet.hops - 1)
  }
  const statusHandler = (status: string) =>
    options.onTrouble(
      status === 'id-taken'
        ? 'The Lighthouse says that the id is taken: another test with the same seed uses it; choose another seed'
        : `The connection to the Lighthouse is lost (${status}): is it still running?`
    )
  const peer = new Peer(options.lighthouseUrl, options.id, callback, {
    connectionConfig: options.connection,
    wrtc: options.wrtc,
    ...(options.sessionId !== undefined && { sessionId: options.sessionId }),
    ...(options.pingInterval !== undefined && { pingInterval: options.pingInterval }),
    positionConfig: { selfPosition: options.position },
    socketBuilder: announcer.openSocket,
    authHandler: (challenge: string) => Promise.resolve(challenge),
    logLevel: 'NONE',
    // The library does not merge a config with its defaults: without its handlers it would call undefined.
    // Layers take the first, islands the others.
    statusHandler,
    eventsHandler: { statusHandler, onIslandChange },
    ...options.config
  })
  return { peer, announcer }
}

/** What peers of the generations B to E do alike. */
export const alikeOf = (peer: Omit<LayerPeer, 'setLayer'>) => ({
  awaitAccepted: () => peer.awaitConnectionEstablished(),
  send: (payload: Uint8Array, type: PeerMessageType) => peer.sendMessage(ROOM, payload, type),
  knownPeers: () => Object.keys(peer.knownPeers).length,
  dispose: () => peer.dispose()
})

/** Creates a peer of the generations B to D, and what they do alike. */
export function createInLayer<P extends LayerPeer>(Peer: CatalystPeerClass<P>, options: PeerOptions) {
  let joined = false
  const { peer, announcer } = connect(Peer, options)
  const join = async () => {
    await peer.setLayer(LAYER)
    announcer.repeat()
    await peer.joinRoom(ROOM)
    joined = true
  }
  return { peer, alike: { ...alikeOf(peer), join, group: () => (joined ? LAYER : undefined) } }
}

/**
 * What generations D and E do alike. Takes over the periods from the library, so that a data point's period
 * is exactly what it covers; the stats are the numbers in the library's own.
 */
export function fullApiOf(peer: CatalystPeer, buildStats: (peer: CatalystPeer) => object) {
  peer.stats.dispose()
  peer.stats.onPeriod(performance.now())
  return {
    setPeerPosition: (id: string, position: Position) => peer.setPeerPosition(id, position),
    connectedPeers: () => peer.fullyConnectedPeerIds(),
    relayedPackets: () => peer.stats.relayed.totalPackets,
    endStatsPeriod: () => {
      peer.stats.onPeriod(performance.now())
      const numbers = Object.entries(buildStats(peer)).filter(([, value]) => typeof value === 'number')
      return Object.fromEntries(numbers) as LibraryStats
    }
  }
}
