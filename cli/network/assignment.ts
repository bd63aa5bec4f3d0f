/** Assigns peers to the parts of a network: the same seed gives the same peers the same links. */
import { SeededRandom } from '../../protocol/random'
import type { Network } from './network'

/** Keeps this draw independent of the seed's other uses. */
const STREAM = 0x6e657477

/**
 * Index of the part that peer `number` belongs to. Each cycle of peers (as many as the sum of the weights,
 * starting at number 0) contains every part according to its weight, in a shuffled order. Links are therefore
 * independent of how a mixture of routines assigns the same numbers.
 */
export function partOf({ parts }: Network, seed: number, number: number): number {
  const places = parts.flatMap(({ weight }, part) => Array<number>(weight).fill(part))
  return shuffled(places, seed, Math.floor(number / places.length))[number % places.length]!
}

function shuffled(places: number[], seed: number, cycle: number): number[] {
  const random = new SeededRandom(seed, STREAM, cycle)
  for (let last = places.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    ;[places[last], places[other]] = [places[other]!, places[last]!]
  }
  return places
}
