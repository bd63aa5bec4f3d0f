import { rearrange, type ClusteringRules } from './island-clustering'
import { notify, type Peer } from './peers'
import type { Position } from './positions'

const SOURCE = '__lighthouse__'

export interface Island {
  readonly id: string
  members: PlacedPeer[]
}

type PlacedPeer = Peer & { position: Position }

/** The islands generation: peers are grouped by where they are, and told about it. */
export class Islands {
  readonly #islands = new Map<string, Island>()
  readonly #newcomers = new Set<PlacedPeer>()
  #created = 0
  #stale = false

  constructor(private readonly rules: ClusteringRules) {}

  /** Takes note that a peer has a position; the next {@link flush} acts on it. */
  place(peer: PlacedPeer): void {
    this.#stale = true
    if (!peer.island) this.#newcomers.add(peer)
  }

  /** Takes a peer out of its island and tells those who stay. */
  remove(peer: Peer): void {
    this.#newcomers.delete(peer as PlacedPeer)
    const island = peer.island
    if (!island) return
    peer.island = undefined
    island.members = island.members.filter((member) => member !== peer)
    if (island.members.length === 0) this.#islands.delete(island.id)
    // Those who stay may have been held together by the one who left.
    this.#stale = true
    this.#notifyLeft(island, peer)
  }

  /** Rearranges the islands if anybody moved, and tells everybody whom it concerns. */
  flush(): void {
    if (!this.#stale) return
    this.#stale = false
    const before = new Map([...this.#islands.values()].flatMap((it) => it.members.map((peer) => [peer, it])))
    const groups = rearrange([...this.#islands.values()], [...this.#newcomers], this.rules)
    this.#newcomers.clear()
    this.#islands.clear()
    for (const { id = this.#nextId(), members } of groups) {
      const island: Island = { id, members }
      this.#islands.set(id, island)
      for (const peer of members) peer.island = island
    }
    this.#notifyChanges(before)
  }

  get(id: string): Island | undefined {
    return this.#islands.get(id)
  }

  all(): Island[] {
    return [...this.#islands.values()]
  }

  #nextId(): string {
    this.#created++
    return `I${this.#created.toString(36)}`
  }

  /** @param before the island that each member was in until now */
  #notifyChanges(before: Map<PlacedPeer, Island>): void {
    const hasMoved = (peer: PlacedPeer) => before.get(peer)?.id !== peer.island?.id
    for (const [peer, oldIsland] of before) {
      const remaining = this.#islands.get(oldIsland.id)
      if (remaining && hasMoved(peer)) this.#notifyLeft(remaining, peer)
    }
    for (const island of this.#islands.values()) {
      const movers = island.members.filter(hasMoved)
      const stayers = island.members.filter((peer) => !hasMoved(peer))
      for (const mover of movers) {
        notify(mover, SOURCE, 'CHANGE_ISLAND', { islandId: island.id, peers: island.members.map(brief) })
        for (const stayer of stayers) {
          notify(stayer, SOURCE, 'PEER_JOINED_ISLAND', { islandId: island.id, peer: brief(mover) })
        }
      }
    }
  }

  #notifyLeft(island: Island, peer: Peer): void {
    for (const stayer of island.members) {
      notify(stayer, SOURCE, 'PEER_LEFT_ISLAND', { islandId: island.id, peer: brief(peer) })
    }
  }
}

function brief({ id, position }: Peer): { id: string; position?: Position } {
  return { id, position }
}
