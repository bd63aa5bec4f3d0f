import { conclude, type Comparison, type ComparisonRequest } from '../comparison/comparison'

/** Throws if no run can be compared. */
export function compare(request: ComparisonRequest): Comparison {
  const conclusion = conclude(request)
  if ('why' in conclusion) throw new Error(conclusion.why)
  return conclusion
}
