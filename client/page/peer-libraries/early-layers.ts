/**
 * Adapter for `decentraland-katalyst-peer` 0.1.21 and 0.1.36 (generations B and C of docs/peer-libraries.md).
 * It replaces layers.ts in a page that is bundled for one of them: they lack parts of its API and count only
 * what they receive.
 */
import * as library from 'peer-layers'
import { name, version } from 'peer-layers/package.json'
import { Announcer } from './announcer'
import { callbackOf, commonConfig, explainStatus, type CatalystPeer, type CatalystPeerClass } from './api'
import { libraryProvenance } from './provenance'
import { LAYER, ROOM, type LibraryPeer, type LibraryStats, type PeerLibrary } from './peer-library'

interface EarlyPeer extends Omit<CatalystPeer, 'stats' | 'setPeerPosition' | 'fullyConnectedPeerIds'> {
  readonly connectedPeers: Record<string, { connection: { connected: boolean; destroy(): void } }>
  readonly stats: EarlyStats
  log: () => void
  setLayer(layer: string): Promise<void>
  /** Since 0.1.36. */
  setPeerPosition?: CatalystPeer['setPeerPosition']
}

/** Totals of what was received. */
interface EarlyStats {
  packets: number
  totalBytes: number
  packetDuplicates: number
  expired: number
}

const { Peer } = library as unknown as { Peer: CatalystPeerClass<EarlyPeer> }

export const layers: PeerLibrary = {
  build: { name, version, generation: 'layers', ...libraryProvenance('layers') },

  createPeer(options): LibraryPeer {
    let joined = false
    let counted: EarlyStats = { packets: 0, totalBytes: 0, packetDuplicates: 0, expired: 0 }
    const announcer = new Announcer(options.position)
    const peer = new Peer(options.lighthouseUrl, options.id, callbackOf(options), {
      ...commonConfig(options, announcer),
      statusHandler: (status: string) => options.onTrouble(explainStatus(status)),
      ...options.config
    })
    // 0.1.21 has no logLevel and would log every event to the console.
    peer.log = () => undefined
    const links = () => Object.entries(peer.connectedPeers)
    return {
      awaitAccepted: () => peer.awaitConnectionEstablished(),
      join: async () => {
        await peer.setLayer(LAYER)
        announcer.repeat()
        await peer.joinRoom(ROOM)
        joined = true
      },
      send: (payload, type) => peer.sendMessage(ROOM, payload, type),
      setPeerPosition: (id, position) => peer.setPeerPosition?.(id, position),
      connectedPeers: () => links().flatMap(([id, { connection }]) => (connection.connected ? [id] : [])),
      knownPeers: () => Object.keys(peer.knownPeers).length,
      relayedPackets: () => 0,
      group: () => (joined ? LAYER : undefined),
      endStatsPeriod: () => {
        const before = counted
        counted = { ...peer.stats }
        return statsOf(before, counted)
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

function statsOf(before: EarlyStats, now: EarlyStats): LibraryStats {
  return {
    received: now.packets - before.packets,
    receivedTotal: now.packets,
    receivedBytes: now.totalBytes - before.totalBytes,
    receivedTotalBytes: now.totalBytes,
    duplicate: now.packetDuplicates - before.packetDuplicates,
    duplicateTotal: now.packetDuplicates,
    expired: now.expired - before.expired,
    expiredTotal: now.expired
  }
}
