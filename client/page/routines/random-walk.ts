import { wayOf } from './parts/legs'
import { distance, drawPlace, HOME_SIDE, WALKING_SPEED } from './parts/places'
import type { RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'

export const randomWalk: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place, random, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const positionAt = wayOf(place, (from) => {
      const to = drawPlace(random, HOME_SIDE)
      return { to, lasts: Math.max(1, (1000 * distance(from, to)) / WALKING_SPEED) }
    })
    return (elapsed, _delta, peer) => {
      peer.moveTo(positionAt(elapsed))
      send(elapsed, peer, positionAt)
    }
  }
}
