import { HOME_SIDE, WALKING_SPEED } from './parts/places'
import { moving } from './parts/sender'

export const loops = moving(({ place: [x, y, z], random }) => {
  const radius = random.uniform(2, 6)
  const direction = random.integer(0, 1) === 0 ? 1 : -1
  const radiansPerMs = (direction * WALKING_SPEED) / radius / 1000
  // The loop starts at the peer's own place, so that no peer jumps, and lies on the side of the middle, so
  // that no peer walks farther out than a corner.
  const outwards = Math.atan2(z - HOME_SIDE / 2, x - HOME_SIDE / 2)
  return (elapsed) => {
    const angle = outwards + elapsed * radiansPerMs
    return [
      x + radius * (Math.cos(angle) - Math.cos(outwards)),
      y,
      z + radius * (Math.sin(angle) - Math.sin(outwards))
    ]
  }
})
