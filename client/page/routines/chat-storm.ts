import type { Rates, RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

const RATES: Rates = { ...USUAL_RATES, chat: 10 }

export const chatStorm: RoutineDefinition = {
  rates: RATES,
  create({ place, sendingRandom }) {
    const send = createSender(RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
