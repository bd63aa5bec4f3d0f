import { distanceXZ, type Position } from './positions'

interface Placed {
  position: Position
}

/** Peers that belong together. `id` is the island that they keep; undefined if it has yet to be named. */
export interface Group<P extends Placed> {
  id?: string
  members: P[]
}

export interface ClusteringRules {
  islandJoinDistance: number
  islandSplitDistance: number
  maxPeersPerIsland: number
}

/**
 * Rearranges islands, oldest first, after peers have moved or arrived; newcomers are in none yet. The members
 * of each are then linked by gaps of at most the split distance, and no two that would fit into one are
 * within the join distance. The split distance is the larger one, so that a peer at the border does not
 * flicker between islands.
 */
export function rearrange<P extends Placed>(
  islands: Group<P>[],
  newcomers: P[],
  rules: ClusteringRules
): Group<P>[] {
  const parts = islands.flatMap((island) => split(island, rules.islandSplitDistance))
  return merge([...parts, ...newcomers.map((peer) => ({ members: [peer] }))], rules)
}

/** Splits an island into parts that are more than `distance` apart. The largest keeps the island's id. */
function split<P extends Placed>(island: Group<P>, distance: number): Group<P>[] {
  const parts: P[][] = []
  let unreached = island.members
  while (unreached.length > 0) {
    const part = unreached.slice(0, 1)
    unreached = unreached.slice(1)
    // The array grows while we walk along it: each member adds those near it, until none are left to add.
    for (const member of part) {
      const isNear = (other: P) => distanceXZ(member.position, other.position) <= distance
      part.push(...unreached.filter(isNear))
      unreached = unreached.filter((other) => !isNear(other))
    }
    parts.push(part)
  }
  parts.sort((a, b) => b.length - a.length)
  return parts.map((members, index) => (index === 0 ? { id: island.id, members } : { members }))
}

/**
 * Merges near groups that fit into one island: named groups first, then larger ones, so that as few peers as
 * possible change islands. Groups only grow: one that does not fit never will, so one pass is enough.
 */
function merge<P extends Placed>(groups: Group<P>[], rules: ClusteringRules): Group<P>[] {
  const merged: Group<P>[] = []
  let waiting = [...groups].sort(
    (a, b) => Number(b.id !== undefined) - Number(a.id !== undefined) || b.members.length - a.members.length
  )
  while (waiting.length > 0) {
    const [first, ...others] = waiting
    const target = { id: first!.id, members: [...first!.members] }
    waiting = others
    for (const member of target.members) {
      waiting = waiting.filter((group) => {
        const fits = target.members.length + group.members.length <= rules.maxPeersPerIsland
        const joins = fits && isWithin(rules.islandJoinDistance, member, group)
        if (joins) target.members.push(...group.members)
        return !joins
      })
    }
    merged.push(target)
  }
  return merged
}

function isWithin<P extends Placed>(distance: number, peer: P, group: Group<P>): boolean {
  return group.members.some((member) => distanceXZ(peer.position, member.position) <= distance)
}
