import type { Rates, RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

/** A peer that stays at its place and sends at these rates. */
export function standing(rates: Rates): RoutineDefinition {
  return {
    rates,
    create({ place, sendingRandom }) {
      const send = createSender(rates, sendingRandom)
      const positionAt = () => place
      return (elapsed, _delta, peer) => send(elapsed, peer, positionAt)
    }
  }
}

export const stand = standing(USUAL_RATES)
