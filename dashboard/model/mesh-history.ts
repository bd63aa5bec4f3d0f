/** Who was connected to whom at any time of a test: each peer's neighbours, whenever they changed. */
import { components } from '../../analysis/mesh/graph'

export interface Link {
  from: string
  to: string
  /** Whether both ends report it, or one does, or the other end reports nothing (any more). */
  state: 'two-sided' | 'one-sided' | 'broken'
}

export interface MeshSnapshot {
  nodes: { id: string; reports: boolean; component: number }[]
  links: Link[]
  /** Connected components of the peers that report, without broken links. */
  components: number
}

interface Peer {
  firstSeen: number
  lastSeen: number
  /** Ascending by `at`. */
  changes: { at: number; neighbours: string[] }[]
}

/** A peer without a report for so many ms, or for three intervals if that is longer, is gone. */
const SILENT_AFTER = 10_000

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
    const before = peer.changes.findLastIndex((change) => change.at <= at)
    const known = peer.changes[before]?.neighbours
    if (known?.length === neighbours.length && known.every((name, i) => name === neighbours[i])) return
    peer.changes.splice(before + 1, 0, { at, neighbours: [...neighbours] })
    if (peer.changes.length > CHANGES_KEPT) peer.changes.shift()
  }

  /** Time (ms) of the latest report of any peer; 0 before the first. */
  get latest(): number {
    return Math.max(0, ...[...this.peers.values()].map(({ lastSeen }) => lastSeen))
  }

  /** The mesh at a time (ms). @param interval of reports (ms) */
  at(instant: number, interval = 0): MeshSnapshot {
    const silentAfter = Math.max(SILENT_AFTER, 3 * interval)
    const neighbours = new Map<string, readonly string[]>()
    for (const [id, peer] of this.peers) {
      if (instant < peer.firstSeen || instant > peer.lastSeen + silentAfter) continue
      const change = peer.changes.findLast(({ at }) => at <= instant) ?? peer.changes[0]!
      neighbours.set(id, change.neighbours)
    }
    const links = linksOf(neighbours)
    // The largest is number 0, so it keeps its colour.
    const parts = components(neighbours)
    const nodes = parts.flatMap((ids, component) => ids.map((id) => ({ id, reports: true, component })))
    const silent = new Set(links.filter(({ state }) => state === 'broken').map(({ to }) => to))
    for (const id of silent) nodes.push({ id, reports: false, component: -1 })
    return { nodes, links, components: parts.length }
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
