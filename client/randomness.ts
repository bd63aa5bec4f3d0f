/** Everything random in a test derives from its seed and the peer's number, through these functions. */
import { unsafeUniformIntDistribution, xoroshiro128plus, type RandomGenerator } from 'pure-rand'

/** Equal arguments give equal sequences, and a peer's streams are independent of each other. */
export class Random {
  private readonly generator: RandomGenerator

  constructor(seed: number, ...stream: number[]) {
    this.generator = xoroshiro128plus(mix(seed, ...stream))
  }

  /** An integer from `from` to `to`, inclusive. */
  integer(from: number, to: number): number {
    return unsafeUniformIntDistribution(from, to, this.generator)
  }

  /** A number in [from, to), in steps of 2^-32 of the range. */
  uniform(from: number, to: number): number {
    return from + (to - from) * (this.integer(0, 0xffffffff) / 2 ** 32)
  }

  letters(length: number): string {
    return Array.from({ length }, () => String.fromCharCode(this.integer(97, 122))).join('')
  }
}

/** One number per purpose, so that an extra draw in one of a peer's streams changes nothing in the others. */
export const STREAMS = { place: 1, routine: 2, sending: 3, id: 4, library: 5, ticks: 6 } as const

/**
 * Id of a peer, like the Ethereum addresses that Decentraland's peers use. `incarnation` counts how often it
 * came back. With 10 characters or more, different numbers never collide (see {@link mix}). With `test`, the
 * id of a test, other tests with the same seed get other ids; no other draw depends on it.
 */
export function peerIdOf(seed: number, number: number, incarnation: number, length: number, test?: string) {
  const ofTest = test === undefined ? [] : [mix(...Array.from(test, (letter) => letter.charCodeAt(0)))]
  let digits = ''
  for (let word = 0; digits.length < length - 2; word++) {
    digits += mix(seed, STREAMS.id, ...ofTest, word, incarnation, number)
      .toString(16)
      .padStart(8, '0')
  }
  return `0x${digits}`.slice(0, length)
}

/**
 * The finalizer of MurmurHash3 (https://github.com/aappleby/smhasher). With the other numbers fixed, it is a
 * bijection of each one, so peers with different numbers cannot collide.
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
