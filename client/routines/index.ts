/** All routines by name. A new one is a file in this folder and a line here. */
import type { RoutineDefinition } from './routine'
import { stand } from './stand'

export const ROUTINES: Record<string, RoutineDefinition> = {
  stand
}
