import type { Position } from '../messages/comms-message'
import { between, HOME_SIDE } from './parts/places'
import { moving } from './parts/sender'

const SPOT: Position = [HOME_SIDE / 2, 0, HOME_SIDE / 2]
/** ms: the walk to the spot or back, and the stay at either end. */
const WALK = 10_000
const STAY = 5000
const CYCLE = 2 * (WALK + STAY)

export const gather = moving(
  ({ place }) =>
    (elapsed) =>
      between(place, SPOT, nearness(elapsed % CYCLE))
)

/** 0 at the peer's own place, 1 at the spot. */
function nearness(inCycle: number): number {
  if (inCycle < WALK) return inCycle / WALK
  if (inCycle < WALK + STAY) return 1
  return Math.max(0, 1 - (inCycle - WALK - STAY) / WALK)
}
