/**
 * The network between the peers of a simulation: the access line that the network's text gives each peer, and
 * which peers can reach each other when.
 */
import { Accesses, type Access, type AccessOptions } from '../../cli/network/access'
import { hasRate, type Link, type Path } from '../../cli/network/link'
import { canConnect, canReach, isRated, pathOf, stepAt, type Network } from '../../cli/network/network'
import { Route } from '../../cli/network/route'
import { SeededRandom } from '../../protocol/random'
import type { Thread } from '../engine/thread'
import type { VirtualTime } from '../engine/virtual-time'
import type { Association } from './data-channel'
import { Line, type Way } from './line'
import { Machine, MACHINE_DELAY } from './machine'
import { Sctp } from './sctp'

export interface SimNetworkOptions extends AccessOptions {
  /** ms for which a packet keeps its receiver's page busy. */
  costOfPacket: number
  /** Whether anything besides the network's text may cut links. */
  hasFaults: boolean
}

export class SimNetwork {
  private readonly accesses: Accesses
  /** One direction of a pair. Its draws do not depend on traffic elsewhere, and go on when a peer rejoins. */
  private readonly pairs = new Map<string, { random: SeededRandom; route: Route }>()
  private readonly machine = new Machine()
  /** Whether packets between two peers are blocked, in addition to what the network's text says. */
  isCut: (from: number, to: number) => boolean = () => false
  private readonly isPlain: boolean
  /** Its times are virtual ones: a difference from the start would round them off. */
  private network: Network

  constructor(
    private readonly time: VirtualTime,
    private readonly options: SimNetworkOptions
  ) {
    this.accesses = new Accesses(options)
    const { network, hasFaults } = options
    this.network = startedAt(Infinity, network)
    this.isPlain =
      !hasFaults &&
      network.overrides.length === 0 &&
      network.parts.every(({ steps }) => steps.length === 1 && isPlain(steps[0].link))
  }

  /** The routines start at `begin` (virtual ms), and the script with them. */
  start(begin: number): void {
    this.network = startedAt(begin, this.options.network)
  }

  /** Current one-way delay in ms. */
  delayOf(from: string, to: string): number {
    return MACHINE_DELAY + this.pathOf(this.accesses.of(from), this.accesses.of(to)).delay
  }

  /** False while no packets get through. */
  isOpen(from: string, to: string): boolean {
    const [near, far] = [this.accesses.of(from), this.accesses.of(to)]
    const { network, time } = this
    if (!canConnect(network, near.part, far.part)) return false
    return canReach(network, near.part, far.part, time.now) && !this.isCut(near.number, far.number)
  }

  /** Carries packets from one peer's channels to the other's. */
  association(from: string, to: string, sender: Thread, receiver: Thread): Association {
    const cost = this.options.costOfPacket
    const forward = this.way(from, to, sender, receiver)
    if (this.isPlain) return { open: (_, deliver) => new Line(receiver, forward, deliver, cost) }
    return new Sctp({ sender, receiver, forward, back: this.way(to, from, receiver, sender), cost })
  }

  private linkOf({ part }: Access): Link {
    return stepAt(this.network.parts[part]!, this.time.now).link
  }

  private pathOf(near: Access, far: Access): Path {
    return pathOf(this.network, near.part, far.part, this.time.now)
  }

  private pair(from: number, to: number) {
    const seed = [this.options.seed, from, to]
    const key = `${from} ${to}`
    const pair = this.pairs.get(key) ?? { random: new SeededRandom(...seed), route: new Route(...seed) }
    this.pairs.set(key, pair)
    return pair
  }

  /** Through the machine, up the sender's access line, and along the route to the receiver's. */
  way(from: string, to: string, sender: Thread, receiver: Thread): Way {
    const { time } = this
    const [near, far] = [this.accesses.of(from), this.accesses.of(to)]
    const { random, route } = this.pair(near.number, far.number)
    const passage = this.machine.passage(sender, receiver)
    if (this.isPlain) {
      const { delay } = this.pathOf(near, far)
      return () => delay + passage.arrival(time.now, random)
    }
    const way: Way = (bytes) => {
      const sent = near.up.leaves(passage.arrival(time.now, random), bytes, this.linkOf(near).up)
      if (sent === undefined) return undefined
      const arrival = route.arrivalOf(sent, this.pathOf(near, far))
      return this.isOpen(from, to) ? arrival : undefined
    }
    if (isRated(this.options.network.parts[far.part]!))
      way.access = (bytes) => far.down.leaves(time.now, bytes, this.linkOf(far).down)
    return way
  }
}

function startedAt(begin: number, network: Network): Network {
  const parts = network.parts.map(({ weight, steps }) => ({
    weight,
    steps: steps.map((step) => ({ ...step, at: begin + step.at }))
  }))
  return { ...network, parts: parts as Network['parts'] }
}

function isPlain(link: Link): boolean {
  return link.loss === 0 && link.jitter === 0 && link.reorder === 0 && !hasRate(link)
}
