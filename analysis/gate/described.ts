/** One metric of a criterion, as the reports show it. */
import { isNeverReached, isWorse, type ComponentTest } from './measured'
import type { ComponentResult, CriterionVerdict } from './result'

/** What is known of a metric's criterion. */
export interface Circumstances {
  verdict: CriterionVerdict
  /** Adjusted for all criteria; 1 if above the level. */
  worseP: number
  /** False if no block was valid in both builds. */
  hasRuns: boolean
  /** False if the builds shared cores and the criterion is timed. */
  canHold: boolean
}

export function describeComponent(
  test: ComponentTest,
  circumstances: Circumstances,
  isBetter: boolean
): ComponentResult {
  const { component, baseline, candidate, count, estimate, isUnsized } = test
  const { metric, unit } = component
  const verdict = verdictOf(test, circumstances)
  // A change from never, or from or to 0, has no size, nor has one from never in enough blocks to be the
  // estimate.
  const isUnknown = verdict !== 'worse' && baseline === Infinity
  const isFromNever = estimate === (metric.scale === 'ratio' ? 0 : -Infinity)
  return {
    metric: metric.name,
    unit,
    scale: metric.scale,
    direction: metric.direction,
    margin: metric.margin,
    verdict,
    isBetter,
    baseline: told(baseline),
    candidate: told(candidate),
    estimate: told(isUnknown || isFromNever || isUnsized || Number.isNaN(estimate) ? null : estimate),
    limit: told(isUnknown || isUnsized ? null : test.limit()),
    spread: test.spread,
    count
  }
}

function verdictOf(test: ComponentTest, { verdict, hasRuns, canHold }: Circumstances): CriterionVerdict {
  const { component, baseline, lopsided, holds } = test
  if (!hasRuns) return 'undecided'
  if (baseline === null && lopsided === 0) return 'not judged'
  if (verdict === 'worse' && isWorse(test)) return 'worse'
  if (component.onlyWorse) return 'not judged'
  if (!holds || lopsided > 0) return 'undecided'
  if (isNeverReached(test)) return 'not judged'
  return canHold ? 'holds' : 'undecided'
}

/** JSON has no infinity. */
function told(value: number | null): number | 'never' | null {
  return value === Infinity ? 'never' : value
}
