import { rearrange, type ClusteringRules } from './island-clustering'
import { notify } from './messages'
import type { Island, Peer, PlacedPeer } from './peers'

const SOURCE = '__lighthouse__'

/**
 * The islands generation: groups peers by position and tells them. As in the real Lighthouse, only the last
 * event of an id before a flush counts. One that leaves and comes back between two never left: its island
 * stays as it is, and the peer behind the new socket is not notified.
 */
export class Islands {
  readonly byId = new Map<string, Island>()
  /** Pending changes by peer id: the peer at its new position, or that it has gone. */
  readonly #pending = new Map<string, PlacedPeer | 'gone'>()
  #created = 0
  readonly #nextId = () => `I${(++this.#created).toString(36)}`

  constructor(private readonly rules: ClusteringRules) {}

  place(peer: PlacedPeer): void {
    this.#pending.set(peer.id, peer)
  }

  /** The peer has gone, or belongs to the other generation. The next flush tells those that remain. */
  remove(peer: Peer): void {
    peer.island = undefined
    this.#pending.set(peer.id, 'gone')
  }

  /** Rearranges the islands and notifies every peer affected. */
  flush(): void {
    if (this.#pending.size === 0) return
    const newcomers = this.#takePending()
    const before = this.#membersById()
    const groups = rearrange([...this.byId.values()], newcomers, this.rules)
    this.byId.clear()
    for (const { id = this.#nextId(), members } of groups) {
      const island: Island = { id, members }
      this.byId.set(id, island)
      for (const peer of members) peer.island = island
    }
    this.#notifyChanges(before)
  }

  /** Removes peers that have gone and returns those that are new. */
  #takePending(): PlacedPeer[] {
    const islandOf = this.#membersById()
    const newcomers: PlacedPeer[] = []
    for (const [id, change] of this.#pending) {
      const island = islandOf.get(id)
      if (change === 'gone') {
        if (island) this.#removeMember(island, id)
      } else if (!island) newcomers.push(change)
      else island.members = island.members.map((member) => (member.id === id ? change : member))
    }
    this.#pending.clear()
    return newcomers
  }

  #removeMember(island: Island, id: string): void {
    const peer = island.members.find((member) => member.id === id)!
    island.members = island.members.filter((member) => member !== peer)
    if (island.members.length === 0) this.byId.delete(island.id)
    this.#notifyLeft(island, peer)
  }

  #membersById(): Map<string, Island> {
    return new Map([...this.byId.values()].flatMap((it) => it.members.map(({ id }) => [id, it])))
  }

  /** @param before the island that each member was in until now, by member id */
  #notifyChanges(before: Map<string, Island>): void {
    const hasMoved = (peer: PlacedPeer) => before.get(peer.id)?.id !== peer.island?.id
    for (const oldIsland of new Set(before.values())) {
      const remaining = this.byId.get(oldIsland.id)
      if (!remaining) continue
      for (const peer of oldIsland.members) if (hasMoved(peer)) this.#notifyLeft(remaining, peer)
    }
    for (const { id: islandId, members } of this.byId.values()) {
      const stayers = members.filter((peer) => !hasMoved(peer))
      for (const mover of members.filter(hasMoved)) {
        notify(mover, SOURCE, 'CHANGE_ISLAND', { islandId, peers: members.map(brief) })
        for (const stayer of stayers)
          notify(stayer, SOURCE, 'PEER_JOINED_ISLAND', { islandId, peer: brief(mover) })
      }
    }
  }

  #notifyLeft(island: Island, peer: Peer): void {
    for (const stayer of island.members)
      notify(stayer, SOURCE, 'PEER_LEFT_ISLAND', { islandId: island.id, peer: brief(peer) })
  }
}

const brief = ({ id, position }: Peer) => ({ id, position })
