/** What a test must pass to be trusted (docs/validity.md): not how well the mesh did, as thresholds judge. */
import type { Reason } from '../../protocol/summary'
import { capitalised } from '../format'
import type { Facts, Rule } from './facts'
import { FIGURE_RULES, MESH_RULES } from './figure-rules'
import { LOAD_RULES } from './load-rules'
import { PRESENCE_RULES } from './peer-rules'

export const RULES: readonly Rule[] = [...PRESENCE_RULES, ...LOAD_RULES, ...MESH_RULES, ...FIGURE_RULES]

/** Rules about machines, browsers and clocks. They do not apply to a simulated test, which has none. */
export const MACHINE_RULES: ReadonlySet<string> = new Set([
  'frozen-peer',
  'tick-lateness',
  'cpu',
  'throttled',
  'lost-runner',
  'crashed-tab',
  'disturbed',
  'clock-error',
  'negative-latency'
])

export function reasonsOf(facts: Facts): Reason[] {
  const isSimulated = facts.state.engine === 'simulation'
  const applicable = RULES.filter(({ name }) => !isSimulated || !MACHINE_RULES.has(name))
  return applicable.flatMap(({ name, cause, check }) =>
    [check(facts) ?? []]
      .flat()
      .map((finding) => ({ rule: name, cause, ...finding, what: capitalised(finding.what) }))
  )
}
