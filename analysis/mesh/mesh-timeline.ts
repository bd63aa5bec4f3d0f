/** The mesh over time: components per time slice, derived from each peer's link changes. */
import type { Presence } from '../presence'
import type { Graph } from './graph'
import { UnionFind } from './union-find'

/** Whom a peer was connected to: only the changes. Add points in order of time; late ones are ignored. */
export class LinkHistory {
  /** The neighbours from the end of an interval on, in ms of the server's clock. */
  readonly changes: { from: number; until: number; neighbours: readonly string[] }[] = []
  private current: ReadonlySet<string> | undefined
  private lastUntil = -Infinity

  add(from: number, until: number, neighbours: readonly string[]): void {
    if (until < this.lastUntil) return
    this.lastUntil = until
    if (this.current && sameMembers(this.current, neighbours)) return
    this.current = new Set(neighbours)
    this.changes.push({ from, until, neighbours: [...this.current] })
  }
}

function sameMembers(set: ReadonlySet<string>, members: readonly string[]): boolean {
  return set.size === members.length && members.every((member) => set.has(member))
}

export interface MeshPeer {
  id: string
  presence: Presence
  links: LinkHistory
}

export interface MeshSlice {
  /** Middle of the slice, in ms of the server's clock. The state at that time represents the whole slice. */
  at: number
  present: number
  /** Present peers that have reported their links. */
  known: number
  /** Connected components among the known peers. */
  components: number
}

/** Maximum number of peers in a layer or an island, as in the real Lighthouses of both generations. */
export const GROUP_CAPACITY = 100

/** The intended number of groups, and so of components, for this many peers: as few as can hold them. */
export function meantGroups(peers: number): number {
  return Math.max(1, Math.ceil(peers / GROUP_CAPACITY))
}

/** Whether all present peers have reported their links and form as few components as possible. */
export function isWhole(slice: MeshSlice): boolean {
  return slice.known > 0 && slice.known === slice.present && slice.components <= meantGroups(slice.present)
}

const SLICE_MS = 1000
/** Maximum number of slices; a long test gets longer slices. */
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

  /** Slices of at least one second, from `startsAt` to `until`. */
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

  /** Who was connected to whom at a given time. Covers the present peers that have reported. */
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
   * Links are observed at the end of an interval. Only the links of a peer's first interval count from the
   * interval's beginning, and only if the peer joined before the start: its mesh was already connected when
   * it began to report. A newcomer that reports no link in its first interval gets another interval to
   * connect before it counts as cut off, because islands assign peers every 2 s, in phase with the reports.
   */
  private changesInOrder(): Change[] {
    const indexes = new Map(this.peers.map(({ id }, index) => [id, index]))
    const changes = this.peers.flatMap(({ presence, links }, peer) =>
      links.changes.map(({ from, until, neighbours }, index): Change => {
        const stoodBefore = index === 0 && presence.joined <= this.startsAt
        // A newcomer's first report covers only part of an interval, during which it was still connecting.
        const isConnecting = index === 0 && from < presence.joined && neighbours.length === 0
        return {
          at: stoodBefore ? from : isConnecting ? until + (until - from) : until,
          peer,
          neighbours: neighbours.flatMap((id) => indexes.get(id) ?? [])
        }
      })
    )
    return changes.sort((a, b) => a.at - b.at)
  }
}
