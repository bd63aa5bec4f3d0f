import type { Gate } from '../analysis/gate/result'
import type { Summary } from '../protocol/summary'

export interface Ending {
  /** Something did not run to its end. */
  failed?: boolean
  summary?: Pick<Summary, 'verdict' | 'thresholds'>
  gate?: Pick<Gate, 'verdict'>
  /** No run of a comparison could be used. */
  isUnmeasured?: boolean
  allowUndecided?: boolean
}

/**
 * The exit code of every command: 0 good, 1 failed, 2 worse or a threshold missed, 3 void, 4 undecided. The
 * first of failed, void, worse, undecided counts: what did not run to its end says nothing, and neither do
 * the thresholds of a void result. A comparison without a usable run is void, unless its attempts alone show
 * that the candidate is worse.
 */
export function exitCodeOf(ending: Ending): 0 | 1 | 2 | 3 | 4 {
  const { failed = false, summary, gate, isUnmeasured = false, allowUndecided = false } = ending
  if (failed) return 1
  if (summary?.verdict === 'void') return 3
  if (gate?.verdict === 'worse' || summary?.thresholds.some(({ passed }) => !passed)) return 2
  if (isUnmeasured) return 3
  return gate?.verdict === 'undecided' && !allowUndecided ? 4 : 0
}
