/** The mesh over time: components per time slice, from each peer's changes of links. */
import type { Presence } from '../presence'
import type { Graph } from './graph'
import type { LinkHistory } from './link-history'
import { UnionFind } from './union-find'

export interface MeshPeer {
  id: string
  presence: Presence
  links: LinkHistory
}

export interface MeshSlice {
  /** The slice's middle, ms of the server's clock: what is known then stands for all of it. */
  at: number
  present: number
  /** Those of them that have told their links. */
  known: number
  /** Connected components among the known. */
  components: number
}

/** The most peers that a layer or an island holds, in the real Lighthouses of both generations. */
export const GROUP_CAPACITY = 100

/** How many groups, and so components, a test of so many peers is meant to have: as few as their capacity allows. */
export function meantGroups(peers: number): number {
  return Math.max(1, Math.ceil(peers / GROUP_CAPACITY))
}

/** Whether all who are present have told their links, and hang together in as few components as can be. */
export function isWhole(slice: MeshSlice): boolean {
  return slice.known > 0 && slice.known === slice.present && slice.components <= meantGroups(slice.present)
}

const SLICE_MS = 1000
/** A long test is cut into so many slices at most. */
const MAX_SLICES = 600

interface Change {
  at: number
  peer: number
  neighbours: number[]
}

export class MeshTimeline {
  private readonly changes: Change[]

  constructor(
    private readonly peers: readonly MeshPeer[],
    private readonly startsAt: number
  ) {
    this.changes = this.changesInOrder()
  }

  /** Slices of a second or more from `startsAt` until `until`. */
  slices(until: number): MeshSlice[] {
    const length = Math.max(SLICE_MS, (until - this.startsAt) / MAX_SLICES)
    const neighbours: (number[] | undefined)[] = this.peers.map(() => undefined)
    const slices: MeshSlice[] = []
    let next = 0
    let previous = -Infinity
    for (let at = this.startsAt + length / 2; at < until; at += length) {
      const firstNew = next
      for (; next < this.changes.length && this.changes[next]!.at <= at; next++) {
        neighbours[this.changes[next]!.peer] = this.changes[next]!.neighbours
      }
      const last = slices.at(-1)
      const unchanged = last && next === firstNew && !this.someoneCameOrWent(previous, at)
      slices.push(unchanged ? { ...last, at } : this.sliceAt(at, neighbours))
      previous = at
    }
    return slices
  }

  /** Who was connected to whom at an instant: the peers present that have told. */
  graphAt(at: number): Graph {
    const graph = new Map<string, string[]>()
    for (const { peer, neighbours, at: since } of this.changes) {
      if (since > at) break
      if (!this.isPresent(peer, at)) continue
      graph.set(
        this.peers[peer]!.id,
        neighbours.map((neighbour) => this.peers[neighbour]!.id)
      )
    }
    return graph
  }

  private sliceAt(at: number, neighbours: (number[] | undefined)[]): MeshSlice {
    const sets = new UnionFind(this.peers.length)
    const told = neighbours.map((list, peer) => list !== undefined && this.isPresent(peer, at))
    let present = 0
    let known = 0
    this.peers.forEach((_, peer) => {
      if (this.isPresent(peer, at)) present++
      if (!told[peer]) return
      known++
      for (const neighbour of neighbours[peer]!) if (told[neighbour]) sets.union(peer, neighbour)
    })
    return { at, present, known, components: sets.sets - (this.peers.length - known) }
  }

  private isPresent(peer: number, at: number): boolean {
    const { joined, left } = this.peers[peer]!.presence
    return joined <= at && at <= left
  }

  private someoneCameOrWent(after: number, until: number): boolean {
    const within = (instant: number) => instant > after && instant <= until
    return this.peers.some(({ presence }) => within(presence.joined) || within(presence.left))
  }

  /**
   * Links are seen at the end of an interval. Only those of the first interval are taken to hold from its beginning, where the
   * peer was there before the start: its mesh stood already when it began to report.
   */
  private changesInOrder(): Change[] {
    const indexes = new Map(this.peers.map(({ id }, index) => [id, index]))
    const changes = this.peers.flatMap(({ presence, links }, peer) =>
      links.changes.map(({ from, until, neighbours }, index): Change => {
        const stoodBefore = index === 0 && presence.joined <= this.startsAt
        return {
          at: stoodBefore ? from : until,
          peer,
          neighbours: neighbours.flatMap((id) => indexes.get(id) ?? [])
        }
      })
    )
    return changes.sort((a, b) => a.at - b.at)
  }
}
