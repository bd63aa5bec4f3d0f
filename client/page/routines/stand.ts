import type { RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

export const stand: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const positionAt = () => place
    return (elapsed, _delta, peer) => {
      send(elapsed, peer, positionAt)
    }
  }
}
