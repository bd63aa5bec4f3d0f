import type { RoutineDefinition } from '../routine'
import { WALKING_SPEED } from './parts/places'
import { createSender, USUAL_RATES } from './parts/sender'

export const loops: RoutineDefinition = {
  description: 'walks loops around its place; sends as stand does',
  rates: USUAL_RATES,
  create({ place: [x, y, z], random, sendingRandom }) {
    const radius = random.uniform(2, 6)
    const direction = random.integer(0, 1) === 0 ? 1 : -1
    const radiansPerMs = (direction * WALKING_SPEED) / radius / 1000
    const send = createSender(USUAL_RATES, sendingRandom)
    // The loop passes through the place itself at the start, so that nobody jumps.
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
