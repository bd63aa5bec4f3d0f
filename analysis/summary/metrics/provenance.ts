import type { Library } from '../../../protocol/peer-results'
import type { Summary } from '../../../protocol/summary'
import type { TestState } from '../../../protocol/test-life'
import type { PeerRecord } from '../collect/peer-record'
import type { RunnerRecord } from './machine'

/** The origin of a summary's figures: what two summaries must have in common to be compared. */
export function provenanceOf(
  state: TestState,
  peers: readonly PeerRecord[],
  runners: readonly RunnerRecord[],
  links: readonly [string, string][]
): Summary['provenance'] {
  const allResults = peers.flatMap(({ finalResults }) => finalResults ?? [])
  const libraries = new Map<string, Library>(
    allResults.map(({ library }) => [JSON.stringify(library), library])
  )
  const numbers = new Map(
    peers.flatMap(({ id, finalResults }) => (finalResults ? [[id, finalResults.number]] : []))
  )
  const told = new Map(runners.map(({ id, provenance }) => [id, provenance]))
  for (const { id, provenance } of state.runners) if (provenance) told.set(id, provenance)
  return {
    ...(state.engine !== undefined && { engine: state.engine }),
    ...(state.network !== undefined && { network: state.network }),
    ...(state.suiteCommit !== undefined && { suiteCommit: state.suiteCommit }),
    libraries: inOrder(libraries),
    routines: [...new Set(allResults.map(({ routine }) => routine))].sort(),
    seed: state.seed,
    warmup: state.warmup,
    edges: edgesOf(links, numbers),
    runners: inOrder(told).filter((provenance) => provenance !== undefined)
  }
}

/** Links by the numbers of their end peers. Peers that never reported their number are left out. */
function edgesOf(links: readonly [string, string][], numbers: ReadonlyMap<string, number>) {
  return links
    .flatMap(([a, b]): [number, number][] => {
      const [from, to] = [numbers.get(a), numbers.get(b)]
      return from === undefined || to === undefined ? [] : [[Math.min(from, to), Math.max(from, to)]]
    })
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
}

function inOrder<T>(entries: ReadonlyMap<string, T>): T[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}
