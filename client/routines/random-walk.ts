import type { Position } from '../messages/comms-message'
import { between, distance, drawPlace, HOME_SIDE, WALKING_SPEED } from './parts/places'
import { moving } from './parts/sender'

export const randomWalk = moving(({ place, random }) => {
  const drawLeg = (begins: number, from: Position) => {
    const to = drawPlace(random, HOME_SIDE)
    return { begins, from, to, lasts: Math.max(1, (1000 * distance(from, to)) / WALKING_SPEED) }
  }
  const legs = [drawLeg(0, place)]
  // Instants may come in any order.
  return (elapsed) => {
    let last = legs.at(-1)!
    while (elapsed >= last.begins + last.lasts) {
      last = drawLeg(last.begins + last.lasts, last.to)
      legs.push(last)
    }
    const { begins, lasts, from, to } = legs.findLast((leg) => leg.begins <= elapsed) ?? legs[0]!
    return between(from, to, (elapsed - begins) / lasts)
  }
})
