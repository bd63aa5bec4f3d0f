/** The mesh over time: components per time slice, derived from each peer's link changes. */
import { isPresent, type Presence } from '../presence'
import { components, type Graph } from './graph'

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
  known: number
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
const MAX_SLICES = 600

/**
 * The mesh in slices of at least one second, from `startsAt` to `until`, and in the last of those in which
 * any peer's links are known, who was connected to whom. Covers the present peers that have reported.
 */
export function meshOverTime(peers: readonly MeshPeer[], startsAt: number, until: number) {
  const changes = peers.flatMap((peer) => changesOf(peer, startsAt)).sort((a, b) => a.at - b.at)
  const length = Math.max(SLICE_MS, (until - startsAt) / MAX_SLICES)
  const told = new Map<string, readonly string[]>()
  const slices: MeshSlice[] = []
  let end: Graph | undefined
  let next = 0
  for (let at = startsAt + length / 2; at < until; at += length) {
    const firstNew = next
    for (; next < changes.length && changes[next]!.at <= at; next++)
      told.set(changes[next]!.id, changes[next]!.neighbours)
    const last = slices.at(-1)
    if (last && next === firstNew && !someoneCameOrWent(peers, last.at, at)) {
      slices.push({ ...last, at })
      continue
    }
    const present = new Set(peers.flatMap(({ id, presence }) => (isPresent(presence, at) ? id : [])))
    const graph: Graph = new Map([...told].filter(([id]) => present.has(id)))
    if (graph.size > 0) end = graph
    slices.push({ at, present: present.size, known: graph.size, components: components(graph).length })
  }
  return { slices, end }
}

function someoneCameOrWent(peers: readonly MeshPeer[], after: number, until: number): boolean {
  const within = (instant: number) => instant > after && instant <= until
  return peers.some(({ presence }) => within(presence.joined) || within(presence.left))
}

/**
 * Links are observed at the end of an interval. Those of a first interval count from its beginning if the
 * peer joined before the start: its mesh stood when it began to report. A newcomer that reports no link in
 * its first interval, which it joined midway, has another one to connect: islands assign peers every 2 s.
 */
function changesOf({ id, presence, links }: MeshPeer, startsAt: number) {
  return links.changes.map(({ from, until, neighbours }, index) => {
    const stoodBefore = index === 0 && presence.joined <= startsAt
    const isConnecting = index === 0 && from < presence.joined && neighbours.length === 0
    const since = isConnecting ? until + (until - from) : until
    return { at: stoodBefore ? from : since, id, neighbours }
  })
}
