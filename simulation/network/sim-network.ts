/**
 * The network between the peers of a simulation: the access line that the network's text gives each peer, and
 * which peers can reach each other when.
 */
import { partOf } from '../../network/assignment'
import { pathBetween, type Link } from '../../network/link'
import { canReach, stepAt, type Network } from '../../network/network'
import { SeededRandom } from '../engine/random'
import type { VirtualTime } from '../engine/virtual-time'
import type { Association, ChannelPage } from './data-channel'
import { Line, Overtaking, type Way } from './line'
import { Machine, MACHINE_DELAY, machineDelay } from './machine'
import type { PeerNetwork } from './peer-connection'
import { Sctp } from './sctp'

export interface SimNetworkOptions {
  seed: number
  network: Network
  /** Number of the peer with this id. */
  numberOf: (peer: string) => number | undefined
  /** ms since the routines started; negative before. */
  elapsed: () => number
  /** ms for which a packet keeps its receiver's page busy. */
  costOfPacket: number
  /** Whether anything besides the network's text may cut links. */
  hasFaults: boolean
}

/** A peer's access line: packets of all its connections share its queue. */
interface Access {
  number: number
  part: number
  upFreeAt: number
  downFreeAt: number
}

export class SimNetwork implements PeerNetwork {
  private readonly accesses = new Map<string, Access>()
  private readonly machine = new Machine()
  /** Whether packets between two peers are blocked, in addition to what the network's text says. */
  isCut: (from: number, to: number) => boolean = () => false
  private readonly isPlain: boolean

  constructor(
    private readonly time: VirtualTime,
    private readonly options: SimNetworkOptions
  ) {
    const { network, hasFaults } = options
    this.isPlain =
      !hasFaults && network.parts.every(({ steps }) => steps.length === 1 && isPlain(steps[0].link))
  }

  delayOf(from: string, to: string): number {
    return MACHINE_DELAY + this.pathOf(this.access(from), this.access(to)).delay
  }

  isOpen(from: string, to: string): boolean {
    const [near, far] = [this.access(from), this.access(to)]
    const isReached = canReach(this.options.network, near.part, far.part, this.options.elapsed())
    return isReached && !this.isCut(near.number, far.number)
  }

  association(from: string, to: string, sender: ChannelPage, receiver: ChannelPage): Association {
    const cost = this.options.costOfPacket
    if (!this.isPlain)
      return new Sctp({
        sender: sender.thread,
        receiver: receiver.thread,
        forward: this.lossyWay(from, to),
        back: this.lossyWay(to, from),
        cost
      })
    const way = this.plainWay(from, to, sender, receiver)
    return { open: (_, deliver) => new Line(receiver.thread, way, deliver, cost) }
  }

  private access(peer: string): Access {
    let access = this.accesses.get(peer)
    if (!access) {
      const { network, seed, numberOf } = this.options
      const number = numberOf(peer) ?? 0
      access = { number, part: partOf(network, seed, number), upFreeAt: 0, downFreeAt: 0 }
      this.accesses.set(peer, access)
    }
    return access
  }

  private linkOf({ part }: Access): Link {
    return stepAt(this.options.network.parts[part]!, this.options.elapsed()).link
  }

  private pathOf(near: Access, far: Access) {
    return pathBetween(this.linkOf(near), this.linkOf(far))
  }

  /**
   * Each direction of each pair has its own random stream, so its draws do not depend on traffic elsewhere.
   */
  private streamOf(from: Access, to: Access): SeededRandom {
    return new SeededRandom(this.options.seed, from.number, to.number)
  }

  private plainWay(from: string, to: string, sender: ChannelPage, receiver: ChannelPage): Way {
    const { time } = this
    const [near, far] = [this.access(from), this.access(to)]
    const random = this.streamOf(near, far)
    const { delay } = this.pathOf(near, far)
    const passage = this.machine.passage(sender.thread, receiver.thread)
    return () => delay + passage.arrival(time.now, random)
  }

  private lossyWay(from: string, to: string): Way {
    const { time } = this
    const [near, far] = [this.access(from), this.access(to)]
    const random = this.streamOf(near, far)
    return (bytes) => {
      const [up, down] = [this.linkOf(near), this.linkOf(far)]
      const { delay, jitter, loss, reorder } = pathBetween(up, down)
      // Always draw all three numbers per packet, so that other settings leave later draws unchanged.
      const isLost = random.number() < loss
      const own = machineDelay(random)
      const addition = Math.max(-delay, jitter * random.normal())
      near.upFreeAt = leaves(near.upFreeAt, time.now, bytes, up.up)
      if (isLost || !this.isOpen(from, to)) return undefined
      // Same as the relay of real runs: a packet that overtakes skips the delay.
      if (reorder > 0 && random.number() < reorder) return new Overtaking(near.upFreeAt + own)
      const arrival = near.upFreeAt + delay + addition + own
      return (far.downFreeAt = leaves(far.downFreeAt, arrival, bytes, down.down))
    }
  }
}

/** When a datagram has left a line of `rate` bit/s that is free at `freeAt`. */
function leaves(freeAt: number, now: number, bytes: number, rate: number): number {
  return Math.max(freeAt, now) + (bytes * 8000) / rate
}

function isPlain({ loss, jitter, reorder, up, down }: Link): boolean {
  return loss === 0 && jitter === 0 && reorder === 0 && up === Infinity && down === Infinity
}
