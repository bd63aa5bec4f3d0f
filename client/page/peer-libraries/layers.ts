/**
 * Adapter for `decentraland-katalyst-peer` 0.2.12 and later: peers in layers and rooms (generation D of
 * docs/peer-libraries.md).
 */
import * as library from 'peer-layers'
import { name, version } from 'peer-layers/package.json'
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
import { LAYER, ROOM, type LibraryPeer, type PeerLibrary } from './peer-library'

interface LayersPeer extends CatalystPeer {
  setLayer(layer: string): Promise<void>
}
const { Peer, buildCatalystPeerStatsData } = library as unknown as {
  Peer: CatalystPeerClass<LayersPeer>
  buildCatalystPeerStatsData: (peer: CatalystPeer) => object
}

export const layers: PeerLibrary = {
  build: { name, version, generation: 'layers', ...libraryProvenance('layers') },

  createPeer(options): LibraryPeer {
    let joined = false
    const announcer = new Announcer(options.position)
    const peer = new Peer(options.lighthouseUrl, options.id, callbackOf(options), {
      ...commonConfig(options, announcer),
      // The library does not merge a config with its defaults: without this handler it would call undefined.
      statusHandler: (status: string) => options.onTrouble(explainStatus(status)),
      ...options.config
    })
    takeOverPeriods(peer)
    return {
      awaitAccepted: () => peer.awaitConnectionEstablished(),
      join: async () => {
        await peer.setLayer(LAYER)
        announcer.repeat()
        await peer.joinRoom(ROOM)
        joined = true
      },
      send: (payload, type) => peer.sendMessage(ROOM, payload, type),
      setPeerPosition: (id, position) => peer.setPeerPosition(id, position),
      connectedPeers: () => peer.fullyConnectedPeerIds(),
      knownPeers: () => Object.keys(peer.knownPeers).length,
      relayedPackets: () => peer.stats.relayed.totalPackets,
      group: () => (joined ? LAYER : undefined),
      endStatsPeriod: () => endStatsPeriod(peer, buildCatalystPeerStatsData),
      dispose: () => peer.dispose()
    }
  }
}
