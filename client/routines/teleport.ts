import { drawPlace } from './parts/places'
import type { RoutineDefinition } from '../routine'
import { timetable } from './parts/pacer'
import { createSender, USUAL_RATES } from './parts/sender'

/** The farthest corners are 62 m apart: other distance classes in layers, but still one island. */
const SIDE = 44

export const teleport: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place, random, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const jumpsDue = timetable(() => random.uniform(5000, 15_000))
    let position = place
    const positionAt = () => position
    return (elapsed, _delta, peer) => {
      for (const at of jumpsDue(elapsed)) {
        send(at, peer, positionAt)
        position = drawPlace(random, SIDE)
      }
      peer.moveTo(position)
      send(elapsed, peer, positionAt)
    }
  }
}
