/** Which peer runs which routine: `stand`, or a mixture such as `loops:8,churn:2`. */
import { ROUTINES } from './routines'
import type { RoutineDefinition } from './routine'

export interface Mixture {
  /** As it was written. */
  text: string
  parts: { name: string; weight: number }[]
}

const MAX_WEIGHT = 10_000

/** Throws Error with the rest of the sentence "routine …" where the text is no mixture. */
export function parseMixture(text: string): Mixture {
  const parts = text.split(',').map((part) => {
    const [, name, weight = '1'] = /^([^:]+)(?::(\d+))?$/.exec(part) ?? []
    if (name === undefined || Number(weight) < 1 || Number(weight) > MAX_WEIGHT) {
      throw new Error(`must be a routine, or several with weights like loops:8,churn:2`)
    }
    if (!Object.hasOwn(ROUTINES, name)) throw new Error(`must be of ${Object.keys(ROUTINES).join(', ')}`)
    return { name, weight: Number(weight) }
  })
  return { text, parts }
}

/** Name of the routine of peer `number`: the parts take turns, so that any row of peers is mixed alike. */
export function routineNameOf({ parts }: Mixture, number: number): string {
  const cycle = parts.reduce((sum, { weight }) => sum + weight, 0)
  let place = number % cycle
  for (const { name, weight } of parts) {
    if (place < weight) return name
    place -= weight
  }
  throw new Error('A mixture has no parts')
}

export function routineOf(name: string): RoutineDefinition {
  const routine = ROUTINES[name]
  if (!routine) throw new Error(`There is no routine ${name}`)
  return routine
}
