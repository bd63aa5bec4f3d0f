/**
 * Who was connected to whom at any time of a test. Stores each peer's list of neighbours whenever it changed.
 */
import { components, type Graph } from '../../analysis/mesh/graph'

/**
 * `two-sided`: both ends report it; `one-sided`: only one end does; `broken`: the other end does not report
 * (any more).
 */
export type LinkState = 'two-sided' | 'one-sided' | 'broken'

export interface Link {
  from: string
  to: string
  state: LinkState
}

export interface MeshSnapshot {
  nodes: { id: string; reports: boolean; component: number }[]
  links: Link[]
  /** Connected components of the peers that report; broken links are ignored. */
  components: number
}

interface Peer {
  firstSeen: number
  lastSeen: number
  /** Ascending by `at`. */
  changes: { at: number; neighbours: string[] }[]
}

/**
 * A peer is considered gone after this long (ms) without a report: five times the default interval of 2 s.
 * Tests with longer intervals need more.
 */
export const SILENT_AFTER = 10_000

/** Changes kept per peer. In a churn test they never stop, and the page's memory must stay bounded. */
const CHANGES_KEPT = 200

export class MeshHistory {
  private readonly peers = new Map<string, Peer>()

  /** Records the neighbours that a peer reported. Times may come in any order. */
  record(at: number, id: string, neighbours: readonly string[]): void {
    const peer = this.peers.get(id) ?? { firstSeen: at, lastSeen: at, changes: [] }
    this.peers.set(id, peer)
    peer.firstSeen = Math.min(peer.firstSeen, at)
    peer.lastSeen = Math.max(peer.lastSeen, at)
    const place = 1 + peer.changes.findLastIndex((change) => change.at <= at)
    const before = peer.changes[place - 1]
    if (before !== undefined && sameList(before.neighbours, neighbours)) return
    peer.changes.splice(place, 0, { at, neighbours: [...neighbours] })
    if (peer.changes.length > CHANGES_KEPT) peer.changes.shift()
  }

  /** Time (ms) of the latest report of any peer; 0 before the first. */
  get latest(): number {
    return Math.max(0, ...[...this.peers.values()].map(({ lastSeen }) => lastSeen))
  }

  /**
   * The mesh at a time (ms). @param silentAfter a peer is considered gone after this long (ms) without a
   * report
   */
  at(instant: number, silentAfter = SILENT_AFTER): MeshSnapshot {
    const neighbours = new Map<string, readonly string[]>()
    for (const [id, peer] of this.peers) {
      if (instant < peer.firstSeen || instant > peer.lastSeen + silentAfter) continue
      const change = peer.changes.findLast(({ at }) => at <= instant) ?? peer.changes[0]
      neighbours.set(id, change?.neighbours ?? [])
    }
    const links = linksOf(neighbours)
    return { ...componentsOf(neighbours, links), links }
  }
}

function linksOf(neighbours: ReadonlyMap<string, readonly string[]>): Link[] {
  const links = new Map<string, Link>()
  for (const [from, list] of neighbours) {
    for (const to of list) {
      if (to === from) continue
      const twin = links.get(`${to} ${from}`)
      if (twin !== undefined) twin.state = 'two-sided'
      else links.set(`${from} ${to}`, { from, to, state: neighbours.has(to) ? 'one-sided' : 'broken' })
    }
  }
  return [...links.values()]
}

/** The largest component is number 0, so it keeps its colour. */
function componentsOf(neighbours: Graph, links: readonly Link[]) {
  const found = components(neighbours)
  const nodes = found.flatMap((ids, component) => ids.map((id) => ({ id, reports: true, component })))
  const unheard = new Set(links.filter(({ state }) => state === 'broken').map(({ to }) => to))
  return {
    nodes: [...nodes, ...[...unheard].map((id) => ({ id, reports: false, component: -1 }))],
    components: found.length
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
