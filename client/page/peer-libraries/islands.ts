/**
 * Adapter for `@dcl/catalyst-peer`: peers in islands, assigned by the Lighthouse (generation E of
 * docs/peer-libraries.md).
 */
import * as library from 'peer-islands'
import { name, version } from 'peer-islands/package.json'
import { Announcer } from './announcer'
import {
  callbackOf,
  commonConfig,
  endStatsPeriod,
  explainStatus,
  takeOverPeriods,
  type CatalystPeer,
  type CatalystPeerClass
} from './api'
import { libraryProvenance } from './provenance'
import { ROOM, type LibraryPeer, type PeerLibrary } from './peer-library'

interface IslandsPeer extends CatalystPeer {
  getCurrentIslandId(): string | undefined
}
const { Peer, buildCatalystPeerStatsData } = library as unknown as {
  Peer: CatalystPeerClass<IslandsPeer>
  buildCatalystPeerStatsData: (peer: IslandsPeer) => object
}

/** The Lighthouse assigns islands every 2 s, to peers that have sent their position in a heartbeat. */
const ISLAND_TIMEOUT_MS = 60_000

export const islands: PeerLibrary = {
  build: { name, version, generation: 'islands', ...libraryProvenance('islands') },

  createPeer(options): LibraryPeer {
    let onIsland: () => void
    const island = new Promise<void>((resolve) => (onIsland = resolve))
    const announcer = new Announcer(options.position)
    const peer = new Peer(options.lighthouseUrl, options.id, callbackOf(options), {
      ...commonConfig(options, announcer),
      eventsHandler: {
        statusHandler: (status: string) => {
          options.onTrouble(explainStatus(status))
        },
        onIslandChange: () => {
          onIsland()
        }
      },
      ...options.config
    })
    takeOverPeriods(peer)
    return {
      awaitAccepted: () => peer.awaitConnectionEstablished(),
      join: async () => {
        await peer.joinRoom(ROOM)
      },
      awaitGroup: () => withTimeout(island, ISLAND_TIMEOUT_MS),
      send: (payload, type) => peer.sendMessage(ROOM, payload, type),
      setPeerPosition: (id, position) => {
        peer.setPeerPosition(id, position)
      },
      connectedPeers: () => peer.fullyConnectedPeerIds(),
      knownPeers: () => Object.keys(peer.knownPeers).length,
      relayedPackets: () => peer.stats.relayed.totalPackets,
      group: () => peer.getCurrentIslandId(),
      endStatsPeriod: () => endStatsPeriod(peer, buildCatalystPeerStatsData),
      dispose: () => peer.dispose()
    }
  }
}

function withTimeout(promise: Promise<void>, milliseconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(
        new Error(`The Lighthouse assigned no island in ${milliseconds / 1000} s: does it speak islands?`)
      )
    }, milliseconds)
    promise.then(() => {
      clearTimeout(timer)
      resolve()
    }, reject)
  })
}
