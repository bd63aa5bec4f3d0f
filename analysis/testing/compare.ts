import { conclude, type Comparison, type ComparisonRequest } from '../comparison/comparison'
import type { Run } from '../comparison/run'

export const requestOf = (runs: Run[], more: Partial<ComparisonRequest> = {}): ComparisonRequest => ({
  id: 'test',
  madeAt: 0,
  design: 'paired',
  baseline: 'before',
  candidate: 'after',
  primary: 'latency.position.p95',
  secondary: ['delivery.position'],
  margin: 0.03,
  runs,
  ...more
})

/** Throws if no run can be compared. */
export function compare(request: ComparisonRequest): Comparison {
  const conclusion = conclude(request)
  if ('why' in conclusion) throw new Error(conclusion.why)
  return conclusion
}
