import type { RoutineDefinition } from '../routine'
import { WALKING_SPEED } from './parts/places'
import { createSender, USUAL_RATES } from './parts/sender'

export const loops: RoutineDefinition = {
  rates: USUAL_RATES,
  create({ place: [x, y, z], random, sendingRandom }) {
    const radius = random.uniform(2, 6)
    const direction = random.integer(0, 1) === 0 ? 1 : -1
    const radiansPerMs = (direction * WALKING_SPEED) / radius / 1000
    const send = createSender(USUAL_RATES, sendingRandom)
    // The loop starts at the peer's own place, so that no peer jumps.
    const positionAt = (elapsed: number) => {
      const angle = elapsed * radiansPerMs
      return [x + radius * (Math.cos(angle) - 1), y, z + radius * Math.sin(angle)] as const
    }
    return (elapsed, _delta, peer) => {
      peer.moveTo(positionAt(elapsed))
      send(elapsed, peer, positionAt)
    }
  }
}
