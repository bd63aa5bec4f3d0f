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
  const parts = islands.flatMap(({ id, members }) => {
    const split = join(members.map(alone), rules.islandSplitDistance, Infinity)
    const [largest, ...others] = split.sort((a, b) => b.members.length - a.members.length)
    return [{ ...largest!, id }, ...others]
  })
  // Named groups first, then larger ones, so that as few peers as possible change islands.
  const groups = [...parts, ...newcomers.map(alone)].sort(
    (a, b) => Number(b.id !== undefined) - Number(a.id !== undefined) || b.members.length - a.members.length
  )
  return join(groups, rules.islandJoinDistance, rules.maxPeersPerIsland)
}

const alone = <P extends Placed>(peer: P): Group<P> => ({ members: [peer] })

/**
 * Joins groups that are within `distance` and fit into one island, which keeps the id of the first. Groups
 * only grow: one that does not fit never will, so one pass is enough.
 */
function join<P extends Placed>(groups: Group<P>[], distance: number, most: number): Group<P>[] {
  const joined: Group<P>[] = []
  let waiting = groups
  while (waiting.length > 0) {
    const [first, ...others] = waiting
    const target = { id: first!.id, members: [...first!.members] }
    waiting = others
    // The array grows while we walk along it: each member adds those near it, until none are left to add.
    for (const member of target.members) {
      const isNear = (other: P) => distanceXZ(member.position, other.position) <= distance
      waiting = waiting.filter(({ members }) => {
        const joins = target.members.length + members.length <= most && members.some(isNear)
        if (joins) target.members.push(...members)
        return !joins
      })
    }
    joined.push(target)
  }
  return joined
}
