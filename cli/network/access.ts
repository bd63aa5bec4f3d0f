import { partOf } from './assignment'
import type { Network } from './network'

/** What would wait longer is dropped. */
const LONGEST_WAIT_MS = 250

/** One direction of a peer's access line: a queue that all the peer's connections share. */
export class AccessQueue {
  private freeAt = 0

  /**
   * When a datagram of `bytes` that enters at `at` (ms) has passed a line of `rate` bit/s; undefined if it is
   * dropped. Datagrams must enter in the order of `at`: a place in the queue cannot be reserved.
   */
  leaves(at: number, bytes: number, rate: number): number | undefined {
    if (rate === Infinity) return at
    const begins = Math.max(at, this.freeAt)
    if (begins - at > LONGEST_WAIT_MS) return undefined
    return (this.freeAt = begins + (bytes * 8000) / rate)
  }
}

export type Access = { number: number; part: number; up: AccessQueue; down: AccessQueue }

export interface AccessOptions {
  network: Network
  seed: number
  /** A peer's number in the test, by its id: it decides the part of the network. */
  numberOf: (peer: string) => number
}

export class Accesses {
  /** By the numbers of peers, which keep their lines when they rejoin. */
  private readonly known = new Map<number, Access>()

  constructor(private readonly options: AccessOptions) {}

  of(peer: string): Access {
    const { network, seed, numberOf } = this.options
    const number = numberOf(peer)
    let access = this.known.get(number)
    if (!access) {
      const part = partOf(network, seed, number)
      access = { number, part, up: new AccessQueue(), down: new AccessQueue() }
      this.known.set(number, access)
    }
    return access
  }
}
