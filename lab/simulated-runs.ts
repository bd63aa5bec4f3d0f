/** What a comparison keeps of its simulated part. */
import type { Run } from '../analysis/comparison/run'

/** What one size came to. */
export interface SimulatedRuns {
  peers: number
  /** Variant 0 is the baseline, 1 the candidate; a run's block is the index of its seed. */
  runs: Run[]
  /** Why the builds cannot be simulated at this size; null if they can. */
  refused: string | null
}
