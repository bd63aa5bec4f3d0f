/** The mesh over time: components per time slice, derived from each peer's link changes, and its figures. */
import { distributionOf, distributionOfCounts } from '../distribution'
import { isPresent, type Presence } from '../presence'
import { asymmetricLinks, components, degrees, links, shortestPaths, type Graph } from './graph'

/** Whom a peer was connected to: only the changes. Add points in order of time; late ones are ignored. */
export class LinkHistory {
  /** The neighbours from the end of an interval on, in ms of the server's clock. */
  readonly changes: { from: number; until: number; neighbours: readonly string[] }[] = []
  private current: ReadonlySet<string> | undefined
  private lastUntil = -Infinity

  add(from: number, until: number, neighbours: readonly string[]): void {
    if (until < this.lastUntil) return
    this.lastUntil = until
    const { current } = this
    if (current?.size === neighbours.length && neighbours.every((each) => current.has(each))) return
    this.current = new Set(neighbours)
    this.changes.push({ from, until, neighbours: [...this.current] })
  }
}

export interface MeshPeer {
  id: string
  presence: Presence
  links: LinkHistory
}

interface MeshSlice {
  /** Middle of the slice, in ms of the server's clock. The state at that time represents the whole slice. */
  at: number
  present: number
  known: number
  components: number
}

/** Maximum number of peers in a layer or an island, as in the real Lighthouses of both generations. */
export const GROUP_CAPACITY = 100

/** The intended number of groups, and so of components, for this many peers: as few as can hold them. */
export const meantGroups = (peers: number): number => Math.max(1, Math.ceil(peers / GROUP_CAPACITY))

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

/** Who leaves at an instant is still present at it. */
function someoneCameOrWent(peers: readonly MeshPeer[], after: number, until: number): boolean {
  return peers.some(
    ({ presence: { joined, left } }) => (joined > after && joined <= until) || (left >= after && left < until)
  )
}

/**
 * Links are observed at the end of an interval. Those of a first interval count from its beginning if the
 * peer joined before the start: its mesh stood when it began to report. A newcomer that reports no link in
 * its first interval, which it joined midway, has another one to connect: islands assign peers every 2 s.
 */
function changesOf({ id, presence, links: { changes } }: MeshPeer, startsAt: number) {
  return changes.map(({ from, until, neighbours }, index) => {
    const stoodBefore = index === 0 && presence.joined <= startsAt
    const isConnecting = index === 0 && from < presence.joined && neighbours.length === 0
    const since = isConnecting ? until + (until - from) : until
    return { at: stoodBefore ? from : since, id, neighbours }
  })
}

interface MeshInput {
  peers: (MeshPeer & { group: string | undefined; relayed: number | undefined })[]
  startsAt: number
  from: number
  until: number
  /** A Lighthouse's snapshot, used if no peer reports its links. */
  snapshot: Graph | undefined
}

export function meshSummary(input: MeshInput) {
  const { slices: all, end = input.snapshot } = meshOverTime(input.peers, input.startsAt, input.until)
  const slices = all.filter(({ known }) => known > 0)
  const measured = slices.filter(({ at }) => at >= input.from)
  return {
    metrics: {
      ...endMetrics(end),
      componentsMax: measured.length > 0 ? Math.max(...measured.map((slice) => slice.components)) : null,
      groups: groupsAtEnd(input, slices.at(-1)?.at ?? input.until),
      timeToFullMesh: timeToFullMesh(all, input.startsAt),
      relayShareGini: gini(input.peers.flatMap(({ relayed }) => relayed ?? [])),
      recovery: distributionOf(recoveries(input, slices))
    },
    links: end ? links(end) : [],
    /** Share of the measured slices in which the mesh had more components than expected. */
    splitShare: measured.length > 0 ? measured.filter(isSplit).length / measured.length : 0
  }
}

function endMetrics(graph: Graph | undefined) {
  if (!graph) return { components: null, degree: null, pathLength: null, asymmetricLinks: null }
  return {
    components: components(graph).length,
    degree: distributionOf(degrees(graph).values()),
    pathLength: distributionOfCounts(shortestPaths(graph)),
    asymmetricLinks: asymmetricLinks(graph).length
  }
}

function groupsAtEnd({ peers }: MeshInput, end: number): number | null {
  const present = peers.filter(({ presence }) => isPresent(presence, end))
  const groups = new Set(present.flatMap(({ group }) => group ?? []))
  return groups.size > 0 ? groups.size : null
}

const isSplit = ({ components: count, present }: MeshSlice): boolean => count > meantGroups(present)

function timeToFullMesh(slices: readonly MeshSlice[], startsAt: number): number | null {
  const index = slices.findIndex(isWhole)
  if (index === -1) return null
  return index === 0 ? 0 : slices[index]!.at - startsAt
}

/** How long the mesh took to be whole after each arrival; arrivals that left before then do not count. */
function recoveries({ peers, from }: MeshInput, slices: readonly MeshSlice[]): number[] {
  return peers.flatMap(({ presence }) => {
    if (presence.joined < from) return []
    const whole = slices.find((slice) => slice.at >= presence.joined && isWhole(slice))
    return whole && whole.at <= presence.left ? [whole.at - presence.joined] : []
  })
}

/**
 * Of amounts ≥ 0: 0 if all are equal, near 1 if one has everything; null if there is nothing to share. From
 * the sorted amounts: Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ) (Sen 1973).
 */
export function gini(amounts: Iterable<number>): number | null {
  const sorted = Float64Array.from(amounts).sort()
  const count = sorted.length
  let total = 0
  let weighted = 0
  sorted.forEach((amount, index) => {
    total += amount
    weighted += (2 * (index + 1) - count - 1) * amount
  })
  return total > 0 ? weighted / (count * total) : null
}
