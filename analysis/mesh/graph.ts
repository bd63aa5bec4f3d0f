/** The mesh at one instant, and what can be read from it. Pure functions, for the summary and the dashboard alike. */
import { seededRandom } from '../statistics/random'
import { UnionFind } from './union-find'

/**
 * Each peer with the peers that it says it is connected to. A link exists where either end names the other; names that are
 * no keys (peers that have left) count for nothing.
 */
export type Graph = ReadonlyMap<string, Iterable<string>>

/** Links by their two ends, the lesser id first. */
export function links(graph: Graph): [string, string][] {
  const found: [string, string][] = []
  for (const [peer, neighbours] of undirected(graph)) {
    for (const neighbour of neighbours) if (peer < neighbour) found.push([peer, neighbour])
  }
  return found
}

/** The connected components, largest first. */
export function components(graph: Graph): string[][] {
  const peers = [...graph.keys()]
  const indexes = new Map(peers.map((peer, index) => [peer, index]))
  const sets = new UnionFind(peers.length)
  for (const [peer, neighbours] of graph) {
    for (const neighbour of neighbours) {
      const other = indexes.get(neighbour)
      if (other !== undefined) sets.union(indexes.get(peer)!, other)
    }
  }
  const byRoot = new Map<number, string[]>()
  peers.forEach((peer, index) => {
    const root = sets.find(index)
    const members = byRoot.get(root)
    if (members) members.push(peer)
    else byRoot.set(root, [peer])
  })
  return [...byRoot.values()].sort((a, b) => b.length - a.length)
}

/** Links that only the first of the two names. */
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

/** Each peer's number of links. */
export function degrees(graph: Graph): Map<string, number> {
  return new Map([...undirected(graph)].map(([peer, neighbours]) => [peer, neighbours.size]))
}

/** From so many peers on, shortest paths are searched from a sample of them only: all pairs of 10,000 peers take minutes. */
export const PATH_SOURCES = 500
const SAMPLE_SEED = 1

/**
 * How many ordered pairs of peers have a shortest path of each length: `[0, pairs one link apart, two links apart, …]`.
 * Pairs without a path do not count. Breadth-first search from each peer; from a fixed random sample of
 * {@link PATH_SOURCES} where there are more.
 */
export function shortestPaths(graph: Graph): number[] {
  const neighbours = adjacency(graph)
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

/** Each peer's neighbours by their places among the graph's keys. */
function adjacency(graph: Graph): number[][] {
  const neighbours = undirected(graph)
  const places = new Map([...neighbours.keys()].map((peer, place) => [peer, place]))
  return [...neighbours.values()].map((others) => [...others].map((other) => places.get(other)!))
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

/** The first `size` of a seeded shuffle (Fisher–Yates), or all of them where there are no more. */
function sample<T>(items: T[], size: number): T[] {
  if (items.length <= size) return items
  const random = seededRandom(SAMPLE_SEED)
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor(random.uniform() * (items.length - i))
    ;[items[i], items[other]] = [items[other]!, items[i]!]
  }
  return items.slice(0, size)
}
