/** Simulates trials, and shrinks those that violate an invariant. */
import { planOf } from '../plan'
import { simulateAll, type Job } from '../pool'
import type { Prepared } from '../prepare'
import { invariantOf, violations } from './invariants'
import { shrink } from './shrink'
import type { Trial } from './trial'

export interface Finding {
  /** The trial's number. */
  index: number
  /** One line for each violated invariant. */
  broken: string[]
  /** The smallest trial found that still violates one of the same invariants. */
  least: Trial
}

export interface ExploreOptions {
  signal?: AbortSignal
  /** Number of simulations to spend on shrinking each finding. */
  shrinkBudget: number
  /** Called after each trial, with the invariants that it violated. */
  tried?: (index: number, broken: readonly string[]) => void
}

export async function explore(
  trials: readonly Trial[],
  prepared: Prepared,
  { signal, shrinkBudget, tried }: ExploreOptions
): Promise<Finding[]> {
  const pool = signal ? { signal } : {}
  const findings: Finding[] = []
  await simulateAll(
    trials.map((trial) => jobOf(trial, prepared)),
    {
      ...pool,
      done: (index, outcome) => {
        const broken = violations(trials[index]!, outcome)
        if (broken.length > 0) findings.push({ index, broken, least: trials[index]! })
        tried?.(index, broken)
      }
    }
  )
  const brokenBy = async (trial: Trial) => {
    const [outcome] = await simulateAll([jobOf(trial, prepared)], pool)
    return violations(trial, outcome!)
  }
  for (const finding of findings) {
    // A smaller trial that breaks something else is another finding.
    const names = new Set(finding.broken.map(invariantOf))
    const isAlike = async (trial: Trial) =>
      (await brokenBy(trial)).some((line) => names.has(invariantOf(line)))
    finding.least = await shrink(finding.least, isAlike, shrinkBudget)
  }
  return findings
}

function jobOf(trial: Trial, { builds, lighthouse }: Prepared): Job {
  return { plan: planOf({ ...trial, builds }), lighthouse }
}
