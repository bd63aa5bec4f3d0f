import type { Summary } from '../protocol/summary'

/**
 * What a run's process exits with: 0 good, 2 a threshold was missed, 3 the result is void. Void comes first: a missed
 * threshold of a result that nobody should believe says nothing. (1 is left for runs that failed, which have no summary.)
 */
export function exitCodeOf(summary: Pick<Summary, 'verdict' | 'thresholds'>): 0 | 2 | 3 {
  if (summary.verdict === 'void') return 3
  return summary.thresholds.every(({ passed }) => passed) ? 0 : 2
}
