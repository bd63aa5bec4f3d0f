/** One run of one variant, as comparisons take it. */
import type { Summary } from '../../protocol/summary'

export interface Run {
  testId: string
  /** Which of the things compared: in a comparison 0 is the baseline, 1 the candidate. */
  variant: number
  /** Counted from 0; results that were not made in blocks have none. */
  block: number | null
  /** Counted from 1: a void run is repeated. */
  attempt: number
  /** Absent where the run failed so early that there is none. */
  summary: Summary | null
  /** One line for each thing that failed. */
  failures: readonly string[]
}

/** A run that may be compared. */
export interface UsableRun extends Run {
  summary: Summary
}

/** Neither failed nor void: no other run is ever compared. */
export function isUsable(run: Run): run is UsableRun {
  return run.summary?.verdict === 'valid' && run.failures.length === 0
}

/** Why a run is not compared, in a few words; null where it is. */
export function whyUnusable({ summary, failures }: Run): string | null {
  if (failures.length > 0) return `failed: ${failures[0]!}`
  if (summary === null) return 'failed: there is no summary'
  if (summary.verdict === 'valid') return null
  return `void: ${[...new Set(summary.reasons.map(({ rule }) => rule))].join(', ')}`
}

/**
 * The usable runs of the blocks in which each of the variants has one, in the order of `variants`: of the last attempt in which all were usable,
 * because those may have run side by side; where there is none, the last of each. Sorted by block.
 */
export function completeBlocks(runs: readonly Run[], variants: readonly number[]): UsableRun[][] {
  const usable = runs.filter(isUsable).filter(({ block }) => block !== null)
  const blocks = [...new Set(usable.map(({ block }) => block!))].sort((a, b) => a - b)
  return blocks
    .map((block) => {
      const own = usable.filter((run) => run.block === block)
      const attempts = [...new Set(own.map(({ attempt }) => attempt))].sort((a, b) => b - a)
      const candidates = attempts.map((attempt) =>
        ofEach(
          own.filter((run) => run.attempt === attempt),
          variants
        )
      )
      return candidates.find(({ length }) => length === variants.length) ?? ofEach(own, variants)
    })
    .filter(({ length }) => length === variants.length)
}

/** The last run of each variant that has one. */
function ofEach(runs: readonly UsableRun[], variants: readonly number[]): UsableRun[] {
  return variants.flatMap((variant) => runs.filter((run) => run.variant === variant).at(-1) ?? [])
}
