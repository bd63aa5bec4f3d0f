/** The mesh at one instant, and its figures: pure functions, for the summary and the dashboard. */
import { groupBy } from '../../protocol/group-by'
import { seededRandom } from '../statistics/random'

/** Whom each peer names. A link exists if either end names the other; names that are no keys are ignored. */
export type Graph = ReadonlyMap<string, Iterable<string>>

/** Links as pairs of ids, the smaller id first. */
export function links(graph: Graph): [string, string][] {
  const found: [string, string][] = []
  for (const [peer, neighbours] of undirected(graph)) {
    for (const neighbour of neighbours) if (peer < neighbour) found.push([peer, neighbour])
  }
  return found
}

/** Connected components, largest first. */
export function components(graph: Graph): string[][] {
  const peers = [...graph.keys()]
  const indexes = new Map(peers.map((peer, index) => [peer, index]))
  const parents = Int32Array.from(peers.keys())
  // Disjoint sets with path halving (Tarjan & van Leeuwen 1984).
  const rootOf = (index: number) => {
    let root = index
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!
      root = parents[root]!
    }
    return root
  }
  peers.forEach((peer, index) => {
    for (const neighbour of graph.get(peer)!) {
      const other = indexes.get(neighbour)
      if (other !== undefined) parents[rootOf(other)] = rootOf(index)
    }
  })
  const byRoot = groupBy(peers, (peer) => rootOf(indexes.get(peer)!))
  return [...byRoot.values()].sort((a, b) => b.length - a.length)
}

/** Links reported by only one end: the first id of each pair. */
export function asymmetricLinks(graph: Graph): [string, string][] {
  const named = new Map([...graph].map(([peer, neighbours]) => [peer, new Set(neighbours)]))
  const found: [string, string][] = []
  for (const [peer, neighbours] of named) {
    for (const neighbour of neighbours) {
      if (neighbour !== peer && named.get(neighbour)?.has(peer) === false) found.push([peer, neighbour])
    }
  }
  return found
}

export function degrees(graph: Graph): Map<string, number> {
  return new Map([...undirected(graph)].map(([peer, neighbours]) => [peer, neighbours.size]))
}

/** With more peers, paths start from a sample of them only: all pairs of 10,000 would take minutes. */
export const PATH_SOURCES = 500
const SAMPLE_SEED = 1

/**
 * Counts ordered pairs of peers by the links on their shortest path: `[0, pairs one link apart, …]`. From
 * each peer, or from a fixed random sample of {@link PATH_SOURCES}. Pairs without a path do not count.
 */
export function shortestPaths(graph: Graph): number[] {
  const linked = undirected(graph)
  const places = new Map([...linked.keys()].map((peer, place) => [peer, place]))
  const neighbours = [...linked.values()].map((others) => [...others].map((other) => places.get(other)!))
  const sources = sample([...neighbours.keys()], PATH_SOURCES)
  const counts: number[] = [0]
  const queue = new Int32Array(neighbours.length)
  const distances = new Int32Array(neighbours.length)
  for (const source of sources) {
    distances.fill(-1)
    distances[source] = 0
    queue[0] = source
    let length = 1
    for (let next = 0; next < length; next++) {
      const distance = distances[queue[next]!]! + 1
      for (const neighbour of neighbours[queue[next]!]!) {
        if (distances[neighbour] !== -1) continue
        distances[neighbour] = distance
        queue[length++] = neighbour
        counts[distance] = (counts[distance] ?? 0) + 1
      }
    }
  }
  return counts
}

function undirected(graph: Graph): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>()
  for (const peer of graph.keys()) result.set(peer, new Set())
  for (const [peer, neighbours] of graph) {
    for (const neighbour of neighbours) {
      const others = result.get(neighbour)
      if (!others || neighbour === peer) continue
      others.add(peer)
      result.get(peer)!.add(neighbour)
    }
  }
  return result
}

/** The first `size` items of a seeded shuffle (Fisher–Yates), or all items if there are no more than that. */
function sample<T>(items: T[], size: number): T[] {
  if (items.length <= size) return items
  const random = seededRandom(SAMPLE_SEED)
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random.uniform() * (items.length - i))
    ;[items[i], items[other]] = [items[other]!, items[i]!]
  }
  return items.slice(0, size)
}
