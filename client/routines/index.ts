/** All routines by the name that the page's `routine` parameter gives them: their file's. A new one is a file and a line here. */
import { chatStorm } from './chat-storm'
import { churn } from './churn'
import { gather } from './gather'
import { listen } from './listen'
import { loops } from './loops'
import { randomWalk } from './random-walk'
import type { RoutineDefinition } from '../routine'
import { stand } from './stand'
import { teleport } from './teleport'

export const ROUTINES: Record<string, RoutineDefinition> = {
  stand,
  loops,
  'random-walk': randomWalk,
  gather,
  teleport,
  churn,
  listen,
  'chat-storm': chatStorm
}
