/** Adapter for `@dcl/catalyst-peer`: peers in islands (generation E of docs/peer-libraries.md). */
import * as library from 'peer-islands'
import { Announcer } from './announcer'
import { awaitIsland } from './awaiting-island'
import { connect, statusHandlerOf, takeOverPeriods, type CatalystPeer, type CatalystPeerClass } from './api'
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
    let { peer, island, endStatsPeriod } = open(options)
    const join = async () => {
      await peer.joinRoom(ROOM)
    }
    const comeBack = async () => {
      ;({ peer, island, endStatsPeriod } = open(options))
      await peer.awaitConnectionEstablished()
      await join()
      return { island }
    }
    return {
      awaitAccepted: () => peer.awaitConnectionEstablished(),
      join,
      awaitGroup: () => awaitIsland({ island, leave: () => peer.dispose() }, comeBack),
      send: (payload, type) => peer.sendMessage(ROOM, payload, type),
      setPeerPosition: (id, position) => peer.setPeerPosition(id, position),
      connectedPeers: () => peer.fullyConnectedPeerIds(),
      knownPeers: () => Object.keys(peer.knownPeers).length,
      relayedPackets: () => peer.stats.relayed.totalPackets,
      group: () => peer.getCurrentIslandId(),
      endStatsPeriod: () => endStatsPeriod(),
      dispose: () => peer.dispose()
    }
  }
}

/** A peer that connects, and its island. */
function open(options: PeerOptions) {
  let onIsland: () => void
  const island = new Promise<void>((resolve) => (onIsland = resolve))
  const peer = connect(Peer, options, new Announcer(options.position), {
    eventsHandler: { statusHandler: statusHandlerOf(options), onIslandChange: () => onIsland() }
  })
  return { peer, island, endStatsPeriod: takeOverPeriods(peer, buildCatalystPeerStatsData) }
}
