import type { Reason } from '../../protocol/summary'
import type { Facts } from './facts'

/** One way in which a rule is broken, fitted to the case. */
export type Finding = Omit<Reason, 'rule'>

export interface Rule {
  /** Such as `tick-lateness`. */
  name: string
  /** What holds in a valid test, in one sentence. */
  statement: string
  check: (facts: Facts) => Finding[]
}
