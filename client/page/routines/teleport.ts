import { drawPlace } from './parts/places'
import type { RoutineDefinition } from '../routine'
import { createSender, USUAL_RATES } from './parts/sender'
import { timetable } from './parts/timetable'

/** The farthest corners are 62 m apart: other distance classes in layers, but still one island. */
const SIDE = 44

export const teleport: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place, random, sendingRandom }) {
    const send = createSender(USUAL_RATES, sendingRandom)
    const jumps = timetable(() => random.uniform(5000, 15_000))
    let position = place
    return (elapsed, _delta, peer) => {
      for (const at of jumps.due(elapsed)) {
        const before = position
        send(at, peer, () => before)
        position = drawPlace(random, SIDE)
      }
      peer.moveTo(position)
      send(elapsed, peer, () => position)
    }
  }
}
