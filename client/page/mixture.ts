/** Which peer runs which routine: `stand`, or a mixture such as `loops:8,churn:2`. */
import type { Mixture } from '../../options/kinds'
import type { RoutineName } from '../../protocol/names'

/**
 * Name of the routine that peer `number` runs. The parts take turns, so any range of peers is mixed alike.
 */
export function routineNameOf({ parts }: Mixture, number: number): RoutineName {
  const cycle = parts.reduce((sum, { weight }) => sum + weight, 0)
  let place = number % cycle
  for (const { name, weight } of parts) {
    if (place < weight) return name
    place -= weight
  }
  throw new Error('A mixture has no parts')
}
