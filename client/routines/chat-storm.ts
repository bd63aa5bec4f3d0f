import type { Rates, RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

const RATES: Rates = { ...USUAL_RATES, chat: 10 }

export const chatStorm: RoutineDefinition = {
  description: 'stands at its place and sends chat 10/s, beside position 10/s and profile 1/s',
  rates: RATES,
  create({ place, sendingRandom }) {
    const send = createSender(RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
