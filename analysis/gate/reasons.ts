/** Explains why a criterion of the gate is undecided, and what would settle it. */
import type { StabilityTest } from './attempts'
import type { Criterion } from './criteria'
import type { ComponentTest } from './measured'
import { binomialTail } from '../statistics/counts'
import { ALPHA } from '../statistics/shift'

/** One sentence. `canHold` is false if the builds shared cores and the criterion is timed. */
export function whyUndecided(
  criterion: Criterion,
  test: StabilityTest | readonly ComponentTest[],
  canHold: boolean
): string {
  if (!canHold)
    return 'The builds shared cores, where one slows the other: a timed criterion cannot be shown to hold'
  if (!isMeasured(test)) return whyUnstable(criterion, test)
  const missing = test
    .filter(({ baseline }) => baseline === null)
    .map(({ component }) => component.metric.name)
  if (missing.length > 0) return `Unknown in these runs: ${missing.join(', ')}`
  if (test.some(({ count }) => count === 0)) return 'Too few blocks for the first look: run more blocks'
  if (test.some(({ limit }) => limit === null)) return 'Too few runs: 5 blocks are the fewest'
  const open = test.filter(({ holds }) => !holds).map(({ component }) => component.metric.name)
  return `A change for the worse as large as the margin is still possible (${open.join(', ')}): run more blocks`
}

function whyUnstable({ margin }: Criterion, { trials, limit }: StabilityTest): string {
  const needed = attemptsToHold(margin)
  if (trials < needed)
    return `${trials} ${trials === 1 ? 'attempt is' : 'attempts are'} too few: it takes ${needed} without a loss`
  return `The candidate may lose up to ${Math.round((limit ?? 1) * 100)} % more of its attempts: run more blocks`
}

/** Number of attempts without a loss that it takes to show that the share of losses is below the margin. */
export function attemptsToHold(margin: number): number {
  let attempts = 1
  while (binomialTail(0, attempts, margin) > ALPHA && attempts < 1000) attempts++
  return attempts
}

function isMeasured(test: StabilityTest | readonly ComponentTest[]): test is readonly ComponentTest[] {
  return Array.isArray(test)
}
