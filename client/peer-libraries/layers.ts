/** Adapter for `decentraland-katalyst-peer` from 0.2.12 (generation D of docs/peer-libraries.md). */
import * as library from 'peer-layers'
import { createInLayer, fullApiOf, type CatalystPeer, type CatalystPeerClass, type LayerPeer } from './api'
import type { LibraryPeer, PeerLibrary } from './peer-library'

const { Peer, buildCatalystPeerStatsData } = library as unknown as {
  Peer: CatalystPeerClass<CatalystPeer & LayerPeer>
  buildCatalystPeerStatsData: (peer: CatalystPeer) => object
}

export const layers: PeerLibrary = {
  build: PEER_LIBRARY_BUILDS.layers,

  createPeer(options): LibraryPeer {
    const { peer, alike } = createInLayer(Peer, options)
    return { ...alike, ...fullApiOf(peer, buildCatalystPeerStatsData) }
  }
}
