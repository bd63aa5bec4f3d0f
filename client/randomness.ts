/** Everything random in a test comes from its seed and the peer's number, by way of these functions. */
import { unsafeUniformIntDistribution, xoroshiro128plus, type RandomGenerator } from 'pure-rand'

/** A seeded source of numbers. Equal arguments give equal sequences; each stream of a peer is independent of the others. */
export class Random {
  private readonly generator: RandomGenerator

  constructor(seed: number, ...stream: number[]) {
    this.generator = xoroshiro128plus(mix(seed, ...stream))
  }

  /** A whole number from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return unsafeUniformIntDistribution(from, to, this.generator)
  }

  /** A number in [from, to), in steps of 2^-32 of the range. */
  uniform(from: number, to: number): number {
    return from + (to - from) * (this.integer(0, 0xffffffff) / 2 ** 32)
  }

  /** `length` lower-case letters. */
  letters(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.integer(97, 122))).join('')
  }
}

/** What a peer's streams are for: a number each, so that one more draw in one changes nothing in another. */
export const STREAMS = { place: 1, routine: 2, sending: 3, id: 4, library: 5, ticks: 6 } as const

/**
 * Id of a peer: `0x` and hexadecimal digits, as an Ethereum address, which Decentraland's peers use. `incarnation` counts how often the
 * peer came back. Different numbers never get the same id of 10 characters or more (see {@link mix}).
 */
export function peerIdOf(seed: number, number: number, incarnation: number, length: number): string {
  let digits = ''
  for (let word = 0; digits.length < length - 2; word++) {
    digits += mix(seed, STREAMS.id, word, incarnation, number).toString(16).padStart(8, '0')
  }
  return `0x${digits}`.slice(0, length)
}

/**
 * Mixes numbers into 32 bits with the finalizer of MurmurHash3 (https://github.com/aappleby/smhasher). For given other
 * numbers it is a bijection of each one, so that peers of different numbers cannot collide.
 */
function mix(...numbers: number[]): number {
  let hash = 0x9e3779b9
  for (const number of numbers) {
    hash = (hash ^ number) >>> 0
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    hash = (hash ^ (hash >>> 16)) >>> 0
  }
  return hash
}
