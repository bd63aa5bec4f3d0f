/**
 * Adapter for `decentraland-katalyst-peer` 0.1.21 and 0.1.36 (generations B and C of docs/peer-libraries.md),
 * in place of layers.ts: they lack parts of its API and count only what they receive.
 */
import * as library from 'peer-layers'
import { difference } from '../measurement/traffic'
import { createInLayer, type CatalystPeer, type CatalystPeerClass, type LayerPeer } from './api'
import type { LibraryPeer, PeerLibrary } from './peer-library'

interface EarlyPeer extends LayerPeer {
  readonly connectedPeers: Record<string, { connection: { connected: boolean; destroy(): void } }>
  readonly stats: EarlyStats
  log: () => void
  /** Since 0.1.36. */
  setPeerPosition?: CatalystPeer['setPeerPosition']
}

/** Totals of what was received. */
type EarlyStats = Record<'packets' | 'totalBytes' | 'packetDuplicates' | 'expired', number>

const { Peer } = library as unknown as { Peer: CatalystPeerClass<EarlyPeer> }

export const layers: PeerLibrary = {
  build: PEER_LIBRARY_BUILDS.layers,

  createPeer(options): LibraryPeer {
    let before: EarlyStats = { packets: 0, totalBytes: 0, packetDuplicates: 0, expired: 0 }
    const { peer, alike } = createInLayer(Peer, options)
    // 0.1.21 has no logLevel and would log every event to the console.
    peer.log = () => undefined
    const links = () => Object.entries(peer.connectedPeers)
    return {
      ...alike,
      setPeerPosition: (id, position) => peer.setPeerPosition?.(id, position),
      connectedPeers: () => links().flatMap(([id, { connection }]) => (connection.connected ? [id] : [])),
      relayedPackets: () => 0,
      endStatsPeriod: () => {
        const { packets, totalBytes, packetDuplicates, expired } = peer.stats
        const now = { packets, totalBytes, packetDuplicates, expired }
        const ofPeriod = difference(now, before)
        before = now
        return {
          received: ofPeriod.packets,
          receivedTotal: packets,
          receivedBytes: ofPeriod.totalBytes,
          receivedTotalBytes: totalBytes,
          duplicate: ofPeriod.packetDuplicates,
          duplicateTotal: packetDuplicates,
          expired: ofPeriod.expired,
          expiredTotal: expired
        }
      },
      dispose: async () => {
        const open = links()
        await peer.dispose()
        // dispose() of 0.1.21 leaves its connections open.
        for (const [, { connection }] of open) connection.destroy()
      }
    }
  }
}
