/** One metric of a criterion, as the reports show it. */
import type { ComponentTest } from './measured'
import type { ComponentResult, CriterionVerdict } from './result'

export function describeComponent(
  test: ComponentTest,
  verdict: CriterionVerdict,
  isBetter: boolean
): ComponentResult {
  const { component, baseline, candidate, count, estimate, isUnsized } = test
  const { metric, unit } = component
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

/** JSON has no infinity. */
function told(value: number | null): number | 'never' | null {
  return value === Infinity ? 'never' : value
}
