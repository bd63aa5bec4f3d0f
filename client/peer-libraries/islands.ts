/** Adapter for `@dcl/catalyst-peer`: peers in islands (generation E of docs/peer-libraries.md). */
import * as library from 'peer-islands'
import { awaitIsland } from './awaiting-island'
import { alikeOf, connect, fullApiOf, type CatalystPeer, type CatalystPeerClass } from './api'
import { ROOM, type LibraryPeer, type PeerLibrary, type PeerOptions } from './peer-library'

interface IslandsPeer extends CatalystPeer {
  getCurrentIslandId(): string | undefined
}
const { Peer, buildCatalystPeerStatsData } = library as unknown as {
  Peer: CatalystPeerClass<IslandsPeer>
  buildCatalystPeerStatsData: (peer: CatalystPeer) => object
}

export const islands: PeerLibrary = {
  build: PEER_LIBRARY_BUILDS.islands,

  createPeer(options): LibraryPeer {
    const { island, ...opened } = open(options)
    const peer: LibraryPeer = opened
    const comeBack = async () => {
      const { island, ...reopened } = open(options)
      Object.assign(peer, reopened)
      await peer.awaitAccepted()
      await peer.join()
      return { island }
    }
    peer.awaitGroup = () => awaitIsland({ island, leave: () => peer.dispose() }, comeBack)
    return peer
  }
}

/** A peer that connects, and its island. */
function open(options: PeerOptions) {
  let onIslandChange: () => void
  const island = new Promise<void>((resolve) => (onIslandChange = resolve))
  const { peer } = connect(Peer, options, () => onIslandChange())
  return {
    island,
    ...alikeOf(peer),
    ...fullApiOf(peer, buildCatalystPeerStatsData),
    join: async () => {
      await peer.joinRoom(ROOM)
    },
    group: () => peer.getCurrentIslandId()
  }
}
