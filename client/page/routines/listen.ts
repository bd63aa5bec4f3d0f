import type { Rates, RoutineDefinition } from '../routine'
import { createSender } from './parts/sender'

/** The libraries drop a peer that is silent for 90 s, so it sends its position now and then. */
const RATES: Rates = { position: 1 / 30, profile: 0, chat: 0 }

export const listen: RoutineDefinition = {
  rates: RATES,
  create({ place, sendingRandom }) {
    const send = createSender(RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
