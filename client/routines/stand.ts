import type { RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

export const stand: RoutineDefinition = {
  description: 'stands at its place; sends position 10/s, profile 1/s, chat every 10 s',
  rates: USUAL_RATES,
  create({ place, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
