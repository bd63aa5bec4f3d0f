/** All routines by name, which is also the file's. A new one needs a line in protocol/names.ts, too. */
import type { Mixture } from '../../cli/kinds'
import type { RoutineName } from '../../protocol/names'
import type { RoutineDefinition } from '../routine'
import { chatStorm } from './chat-storm'
import { churn } from './churn'
import { gather } from './gather'
import { listen } from './listen'
import { loops } from './loops'
import { randomWalk } from './random-walk'
import { stand } from './stand'
import { teleport } from './teleport'

export const ROUTINES: Record<RoutineName, RoutineDefinition> = {
  stand,
  loops,
  'random-walk': randomWalk,
  gather,
  teleport,
  churn,
  listen,
  'chat-storm': chatStorm
}

/** The routine that peer `number` runs. The parts take turns, so any range of peers is mixed alike. */
export function routineNameOf({ parts }: Mixture, number: number): RoutineName {
  const cycle = parts.flatMap(({ name, weight }) => Array<RoutineName>(weight).fill(name))
  return cycle[number % cycle.length]!
}
