/** Checks that runs meant to run at the same time did. */
import type { Execution } from './campaign'

/** Minimum overlap, as a share of the longest measured time. */
const OVERLAP = 0.98

/**
 * Runs that overlapped too little ran under different conditions: they fail, and the block is repeated. Not
 * if one failed or is void: the others are not at fault. If a machine was lost, all runs lost it.
 */
export function checkOverlap(executions: readonly Execution[]): Execution[] {
  const lost = executions.find((execution) => execution.lost !== undefined)?.lost
  if (lost !== undefined) return executions.map((execution) => ({ lost, ...execution, failures: [] }))
  const measured = executions.flatMap(({ summary, failures }) =>
    summary?.verdict === 'valid' && failures.length === 0 ? summary.measured : []
  )
  if (executions.length < 2 || measured.length < executions.length) return [...executions]
  const from = Math.max(...measured.map((each) => each.from))
  const until = Math.min(...measured.map((each) => each.until))
  const longest = Math.max(...measured.map((each) => each.until - each.from))
  const share = longest > 0 ? Math.max(0, until - from) / longest : 1
  if (share >= OVERLAP) return [...executions]
  const failure = `The runs of the block overlapped by only ${Math.floor(share * 100)}% of their measured time`
  return executions.map((execution) => ({ ...execution, failures: [...execution.failures, failure] }))
}
