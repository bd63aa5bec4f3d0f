/** Compares the meshes of runs: which edges form accounts for much of the traffic. */
import { ratio, sum } from '../distribution'
import type { UsableRun } from './run'

type Edge = readonly [number, number]

/** Edges in both ÷ edges in either (Jaccard 1912): 1 for identical meshes. Null if neither has an edge. */
export function jaccard(a: readonly Edge[], b: readonly Edge[]): number | null {
  const inA = new Set(a.map(String))
  const inB = new Set(b.map(String))
  const both = [...inA].filter((edge) => inB.has(edge)).length
  const either = inA.size + inB.size - both
  return either === 0 ? null : both / either
}

/** Means over pairs of runs; null if no such pair has edges. */
export function meshLikeness(runs: readonly UsableRun[]) {
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
