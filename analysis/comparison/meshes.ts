/** Compares the meshes of runs: which edges form accounts for much of the traffic. */
import { ratio, sum } from '../distribution'
import type { UsableRun } from './run'

type Edge = readonly [number, number]

export interface MeshLikeness {
  /** Mean over pairs of runs with the same seed; null if no such pair has edges. */
  sameSeed: number | null
  /** Mean over pairs of runs with different seeds. */
  otherSeeds: number | null
}

/** Edges in both ÷ edges in either (Jaccard 1912): 1 for identical meshes. Null if neither has an edge. */
export function jaccard(a: readonly Edge[], b: readonly Edge[]): number | null {
  const inA = new Set(a.map(String))
  const inB = new Set(b.map(String))
  const both = [...inA].filter((edge) => inB.has(edge)).length
  const either = inA.size + inB.size - both
  return either === 0 ? null : both / either
}

export function meshLikeness(runs: readonly UsableRun[]): MeshLikeness {
  const same: number[] = []
  const others: number[] = []
  runs.forEach(({ summary: { provenance: a } }, index) => {
    for (const { summary } of runs.slice(index + 1)) {
      const b = summary.provenance
      const likeness = jaccard(a.edges, b.edges)
      if (likeness !== null) (a.seed === b.seed ? same : others).push(likeness)
    }
  })
  return { sameSeed: ratio(sum(same), same.length), otherSeeds: ratio(sum(others), others.length) }
}
