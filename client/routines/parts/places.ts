/** The ground on which peers move. */
import type { Position } from '../../messages/comms-message'
import type { Random } from '../../randomness'

/**
 * Peers start in a square with this side, in metres, and walk within the circle around it. It fits into one
 * island (64 m) and into one distance class in layers (32 m), so walking alone does not rearrange the mesh.
 */
export const HOME_SIDE = 20
/** Metres per second. */
export const WALKING_SPEED = 1.5

/** Draws a place in a square of `side` metres around the middle of the peers' home. */
export function drawPlace(random: Random, side: number): Position {
  const low = (HOME_SIDE - side) / 2
  return [random.uniform(low, low + side), 0, random.uniform(low, low + side)]
}

export const distance = ([x1, , z1]: Position, [x2, , z2]: Position) => Math.hypot(x2 - x1, z2 - z1)

/** The place at `share` of the way from `from` to `to`. */
export function between(from: Position, to: Position, share: number): Position {
  return [from[0] + (to[0] - from[0]) * share, 0, from[2] + (to[2] - from[2]) * share]
}
