/** Shrinks a trial that violates an invariant, for as long as it still violates one. */
import { availableParallelism } from 'node:os'
import type { Fault } from '../fault-text'
import type { Trial } from './trial'

/**
 * `areBroken` runs trials and returns for each whether it still violates the invariant. At most `budget`
 * trials are run, as many at a time as there are cores.
 */
export async function shrink(
  trial: Trial,
  areBroken: (smaller: readonly Trial[]) => Promise<boolean[]>,
  budget: number
): Promise<Trial> {
  let smallest = trial
  let left = budget
  for (let found = true; found;) {
    found = false
    const candidates = simplerThan(smallest)
    while (!found && candidates.length > 0) {
      const batch = candidates.splice(0, Math.min(availableParallelism(), left))
      if (batch.length === 0) return smallest
      left -= batch.length
      const index = (await areBroken(batch)).indexOf(true)
      found = index >= 0
      if (found) smallest = batch[index]!
    }
  }
  return smallest
}

/** s; long enough if nothing has to recover. */
const SHORT_S = 10

/** Simpler variants of a trial, the boldest simplification first. */
function simplerThan(trial: Trial): Trial[] {
  const { peers, faults, network, routine, duration } = trial
  const withoutOne = faults.map((_, index) => ({ ...trial, faults: faults.filter((__, i) => i !== index) }))
  const counts = new Set([Math.ceil(peers / 2), Math.ceil((3 * peers) / 4), peers - 1])
  return [
    ...withoutOne,
    ...(faults.length === 0 && duration > SHORT_S ? [{ ...trial, duration: SHORT_S }] : []),
    ...(network === 'perfect' ? [] : [{ ...trial, network: 'perfect' }]),
    ...(routine === 'stand' ? [] : [{ ...trial, routine: 'stand' }]),
    ...[...counts]
      .filter((count) => count >= 2 && count < peers)
      .map((count) => ({ ...trial, peers: count, faults: faults.filter((fault) => fits(fault, count)) }))
  ]
}

function fits(fault: Fault, peers: number): boolean {
  if (fault.kind === 'death') return fault.peer < peers
  return fault.kind === 'lighthouse' || fault.peers < peers
}
