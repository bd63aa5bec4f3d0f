import { distributionOf, distributionOfCounts } from '../distribution'
import { isPresent } from '../presence'
import { asymmetricLinks, components, degrees, links, shortestPaths, type Graph } from './graph'
import { isWhole, meantGroups, meshOverTime, type MeshPeer, type MeshSlice } from './mesh-timeline'

export interface MeshInput {
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

function isSplit({ components: count, present }: MeshSlice): boolean {
  return count > meantGroups(present)
}

function timeToFullMesh(slices: readonly MeshSlice[], startsAt: number): number | null {
  const index = slices.findIndex(isWhole)
  if (index === -1) return null
  return index === 0 ? 0 : slices[index]!.at - startsAt
}

/** How long the mesh took to be whole after each arrival; arrivals that left before then do not count. */
function recoveries({ peers, from, until }: MeshInput, slices: readonly MeshSlice[]): number[] {
  return peers.flatMap(({ presence }) => {
    if (presence.joined < from || presence.joined > until) return []
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
