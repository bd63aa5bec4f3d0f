import type { Cause, Reason } from '../../protocol/summary'
import type { Facts } from './facts'

/** One violation of a rule, described for the specific case. */
export interface Finding extends Omit<Reason, 'rule' | 'cause'> {
  /** Set if the cause differs from the rule's usual cause. */
  cause?: Cause
}

export interface Rule {
  /** For example `tick-lateness`. */
  name: string
  /** Whether a build of the library can break the rule, or only the machine and the setup. */
  cause: Cause
  /** What breaks the rule, if anything. */
  check: (facts: Facts) => Finding | readonly Finding[] | undefined
}
