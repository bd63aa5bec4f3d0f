/**
 * The rules that a test must pass to be believed (docs/validity.md). They judge whether the machines and the set-up were fit to
 * tell, not whether the mesh did well: that is what thresholds are for.
 */
import type { Reason } from '../../protocol/summary'
import { DATA_RULES } from './data-rules'
import type { Facts } from './facts'
import { LOAD_RULES } from './load-rules'
import { MESH_RULES } from './mesh-rules'
import { PRESENCE_RULES } from './presence-rules'
import type { Rule } from './rule'
import { capitalised } from './wording'

/** All rules, in the order in which their reasons are told. */
export const RULES: readonly Rule[] = [...PRESENCE_RULES, ...LOAD_RULES, ...MESH_RULES, ...DATA_RULES]

/** All broken rules of a test. None means that it is valid. */
export function reasonsOf(facts: Facts): Reason[] {
  return RULES.flatMap(({ name, check }) =>
    check(facts).map((finding) => ({ rule: name, ...finding, what: capitalised(finding.what) }))
  )
}
