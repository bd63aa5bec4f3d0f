/** Who was connected to whom, at any instant of a test: each peer's list of neighbours, kept where it changed. */

/** `two-sided`: both ends have it; `one-sided`: one end only; `broken`: its other end tells nothing (any more). */
export type LinkState = 'two-sided' | 'one-sided' | 'broken'

export interface Link {
  from: string
  to: string
  state: LinkState
}

export interface MeshSnapshot {
  nodes: { id: string; reports: boolean; component: number }[]
  links: Link[]
  /** Connected components of the peers that report; broken links connect nothing. */
  components: number
}

interface Peer {
  firstSeen: number
  lastSeen: number
  /** Ascending by `at`. */
  changes: { at: number; neighbours: string[] }[]
}

/** ms without a word after which a peer is taken for gone, unless reports are rarer: five of the usual 2 s. */
export const SILENT_AFTER = 10_000

/** Changes kept of one peer; a test of churn changes them for ever, and the page's memory must not grow. */
const CHANGES_KEPT = 200

export class MeshHistory {
  private readonly peers = new Map<string, Peer>()

  /** A peer told its neighbours. Any order of instants will do. */
  record(at: number, id: string, neighbours: readonly string[]): void {
    const peer = this.peers.get(id) ?? { firstSeen: at, lastSeen: at, changes: [] }
    this.peers.set(id, peer)
    peer.firstSeen = Math.min(peer.firstSeen, at)
    peer.lastSeen = Math.max(peer.lastSeen, at)
    let place = peer.changes.length
    while (place > 0 && peer.changes[place - 1]!.at > at) place--
    const before = peer.changes[place - 1]
    if (before !== undefined && sameList(before.neighbours, neighbours)) return
    peer.changes.splice(place, 0, { at, neighbours: [...neighbours] })
    if (peer.changes.length > CHANGES_KEPT) peer.changes.shift()
  }

  /** The last word of any peer, ms; 0 before the first. */
  get latest(): number {
    return Math.max(0, ...[...this.peers.values()].map(({ lastSeen }) => lastSeen))
  }

  /** The mesh at an instant (ms). @param silentAfter ms without a word after which a peer is taken for gone */
  at(instant: number, silentAfter = SILENT_AFTER): MeshSnapshot {
    const neighbours = new Map<string, readonly string[]>()
    for (const [id, peer] of this.peers) {
      if (instant < peer.firstSeen || instant > peer.lastSeen + silentAfter) continue
      neighbours.set(id, lastBefore(peer.changes, instant)?.neighbours ?? [])
    }
    const links = linksOf(neighbours)
    return { ...componentsOf(neighbours, links), links }
  }
}

function lastBefore<T extends { at: number }>(ascending: T[], instant: number): T | undefined {
  for (let i = ascending.length - 1; i >= 0; i--) if (ascending[i]!.at <= instant) return ascending[i]
  return ascending[0]
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

function componentsOf(neighbours: ReadonlyMap<string, unknown>, links: readonly Link[]) {
  const parent = new Map<string, string>([...neighbours.keys()].map((id) => [id, id]))
  const root = (id: string): string => {
    let at = id
    while (parent.get(at)! !== at) at = parent.get(at)!
    parent.set(id, at)
    return at
  }
  for (const { from, to, state } of links) if (state !== 'broken') parent.set(root(from), root(to))

  const numbers = new Map<string, number>()
  const nodes = [...neighbours.keys()].map((id) => {
    const of = root(id)
    if (!numbers.has(of)) numbers.set(of, numbers.size)
    return { id, reports: true, component: numbers.get(of)! }
  })
  const unheard = new Set(links.filter(({ state }) => state === 'broken').map(({ to }) => to))
  return {
    nodes: [...nodes, ...[...unheard].map((id) => ({ id, reports: false, component: -1 }))],
    components: numbers.size
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i])
}
