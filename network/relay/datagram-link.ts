/**
 * One direction between two peers. Decides when each datagram arrives, with seeded randomness: the same seed
 * gives the same losses to the same packets.
 */
import { xoroshiro128plus, unsafeUniformIntDistribution, type RandomGenerator } from 'pure-rand'
import type { Path } from '../link'

/** Maximum queueing delay of a narrow line before it drops packets, in ms. */
const QUEUE_MS = 250

export class DatagramLink {
  private readonly random: RandomGenerator
  /** When the line is free for the next packet, and when the last in-order packet arrives, in ms. */
  private freeAt = 0
  private lastArrival = 0

  constructor(seed: number) {
    this.random = xoroshiro128plus(seed)
  }

  /** When a datagram of `bytes`, sent at `now` (ms), arrives; undefined if it is lost. */
  arrivalOf(bytes: number, now: number, path: Path): number | undefined {
    // Always makes the same number of draws: changing one figure must not change the fate of later packets.
    const [fate, overtaking, deviation] = [this.uniform(), this.uniform(), this.normal()]
    const leaves = Math.max(now, this.freeAt)
    if (leaves - now > QUEUE_MS) return undefined
    const sentAt = leaves + (bytes * 8000) / path.rate
    this.freeAt = sentAt
    if (fate < path.loss) return undefined
    if (overtaking < path.reorder) return sentAt
    const arrival = Math.max(sentAt, this.lastArrival, sentAt + path.delay + deviation * path.jitter)
    this.lastArrival = arrival
    return arrival
  }

  /** In [0, 1). */
  private uniform(): number {
    return unsafeUniformIntDistribution(0, 0xffffffff, this.random) / 2 ** 32
  }

  /** Mean 0, standard deviation 1 (Box and Muller 1958). */
  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform())
  }
}
