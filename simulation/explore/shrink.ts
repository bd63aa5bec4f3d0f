/** Shrinks a trial that violates an invariant, for as long as it still violates one. */
import type { Fault } from '../plan'
import type { Trial } from './trial'

/** `breaks` runs a trial. At most `budget` trials are run. */
export async function shrink(
  trial: Trial,
  breaks: (smaller: Trial) => Promise<boolean>,
  budget: number
): Promise<Trial> {
  let smallest = trial
  let left = budget
  for (let found = true; found;) {
    found = false
    for (const smaller of simplerThan(smallest)) {
      if (left-- <= 0) return smallest
      if (!(await breaks(smaller))) continue
      smallest = smaller
      found = true
      break
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
  return fault.kind === 'death' ? fault.peer < peers : fault.kind !== 'partition' || fault.peers < peers
}
