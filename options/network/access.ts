import { AccessQueue } from './access-queue'
import { partOf } from './assignment'
import type { Network } from './network'

/** A peer's access line: all its connections share its queues. */
export interface Access {
  number: number
  part: number
  up: AccessQueue
  down: AccessQueue
}

export interface AccessOptions {
  network: Network
  seed: number
  /** A peer's number in the test, by its id. The number decides its part of the network. */
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
