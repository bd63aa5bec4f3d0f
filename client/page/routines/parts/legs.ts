/** A path drawn step by step: legs from place to place, each starting where the last one ended. */
import type { Position } from '../../messages/comms-message'
import { between } from './places'

export interface Leg {
  /** ms from the leg's start to its end; above 0. */
  lasts: number
  to: Position
}

/** The position at an instant, in ms from the start; instants may come in any order. */
export type Way = (elapsed: number) => Position

/** `next` draws the leg that starts at a given place. */
export function wayOf(start: Position, next: (from: Position) => Leg): Way {
  const legs = [{ begins: 0, from: start, ...next(start) }]
  return (elapsed) => {
    let last = legs.at(-1)!
    while (elapsed >= last.begins + last.lasts) {
      last = { begins: last.begins + last.lasts, from: last.to, ...next(last.to) }
      legs.push(last)
    }
    const { begins, lasts, from, to } = legs.findLast((leg) => leg.begins <= elapsed) ?? legs[0]!
    return between(from, to, (elapsed - begins) / lasts)
  }
}
