import type { RoutineDefinition } from '../routine'
import { HOME_SIDE, WALKING_SPEED } from './parts/places'
import { createSender, USUAL_RATES } from './parts/sender'

export const loops: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place: [x, y, z], random, sendingRandom }) {
    const radius = random.uniform(2, 6)
    const direction = random.integer(0, 1) === 0 ? 1 : -1
    const radiansPerMs = (direction * WALKING_SPEED) / radius / 1000
    const send = createSender(USUAL_RATES, sendingRandom)
    // The loop starts at the peer's own place, so that no peer jumps, and lies on the side of the middle, so
    // that no peer walks farther out than a corner.
    const outwards = Math.atan2(z - HOME_SIDE / 2, x - HOME_SIDE / 2)
    const positionAt = (elapsed: number) => {
      const angle = outwards + elapsed * radiansPerMs
      return [
        x + radius * (Math.cos(angle) - Math.cos(outwards)),
        y,
        z + radius * (Math.sin(angle) - Math.sin(outwards))
      ] as const
    }
    return (elapsed, _delta, peer) => {
      peer.moveTo(positionAt(elapsed))
      send(elapsed, peer, positionAt)
    }
  }
}
