import type { Rates, RoutineDefinition } from '../routine'
import { createSender } from './parts/sender'

/** The libraries forget a peer that is silent for 90 s, so it says where it is now and then. */
const RATES: Rates = { position: 1 / 30, profile: 0, chat: 0 }

export const listen: RoutineDefinition = {
  description: 'only receives; says where it is every 30 s, because the mesh forgets silent peers',
  rates: RATES,
  create({ place, sendingRandom }) {
    const send = createSender(RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
