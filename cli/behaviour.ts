/** The options that define what peers do. Commands pass on all of them, whichever the table contains. */
import type { Values, VariantKeys } from './declaration'
import { kebab } from './surface'
import { BEHAVIOUR } from './table'

export type Behaviour = Values<typeof BEHAVIOUR>

/** The options that a single build of a comparison may override. */
export type VariantOptions = Required<Pick<Behaviour, VariantKeys<typeof BEHAVIOUR>>>

/** The behaviour in `values`, with the table's defaults for missing options. */
export function behaviourOf(values: Partial<Behaviour>): Behaviour {
  const entries = Object.entries(BEHAVIOUR).map(([key, declared]) => [
    key,
    values[key as keyof Behaviour] ?? ('default' in declared ? declared.default : undefined)
  ])
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Behaviour
}

const UNNAMED = ['signalling', 'peerIdLength', 'pingInterval', 'statsSubmitInterval'] as const

/** What no other fact of a result tells, unless it is as usual: "signalling delayed, ping-interval 500". */
export function unusualOf(values: Partial<Behaviour>): string {
  const usual = behaviourOf({})
  const told = UNNAMED.filter((key) => values[key] !== undefined && values[key] !== usual[key])
  return told.map((key) => `${kebab(key)} ${values[key]!}`).join(', ')
}
