/**
 * Relays UDP datagrams between pairs of peers on this machine. Each pair and direction has its own link with
 * delay, jitter, loss, reordering, rate, outages and partitions.
 *
 * When a peer's ICE candidate is sent to another peer, a port of the relay replaces it. What B sends to the
 * port that stands for A leaves from the port that stands for B, towards A's own address. Each peer sees the
 * other at the relay.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { partOf } from '../assignment'
import { pathBetween } from '../link'
import { canReach, stepAt, type Network } from '../network'
import { DatagramLink } from './datagram-link'

export interface RelayOptions {
  network: Network
  seed: number
  /** A peer's number in the test, by its id. The number decides its part of the network. */
  numberOf: (peerId: string) => number
  /** ms since the start of the test; 0 before it. */
  elapsed: () => number
}

export interface Address {
  address: string
  port: number
}

/** Represents a peer to the other peer of a connection. */
interface End {
  socket: Socket
  /** The peer's own address. */
  home: Address
  part: number
  /** The link for datagrams that this peer sends. */
  link: DatagramLink
}

export class Relay {
  /** By the pair of peers and their connection, then by peer. */
  private readonly connections = new Map<string, Map<string, End>>()
  private readonly timers = new Set<NodeJS.Timeout>()

  constructor(private readonly options: RelayOptions) {}

  /**
   * The address that stands for `from`, which is at `home`, in a connection to `to`. Undefined if it already
   * has one: of a peer's candidates, only the first counts. Rejects if `home` is not an address of this
   * machine.
   */
  async addressFor(
    from: string,
    to: string,
    connection: string,
    home: Address
  ): Promise<Address | undefined> {
    const key = [...[from, to].sort(), connection].join('\n')
    const ends = this.connections.get(key) ?? new Map<string, End>()
    this.connections.set(key, ends)
    if (ends.has(from)) return undefined
    const { network, seed, numberOf } = this.options
    const socket = createSocket('udp4')
    const part = partOf(network, seed, numberOf(from))
    const end: End = { socket, home, part, link: new DatagramLink(this.seedOf(from, to)) }
    ends.set(from, end)
    socket.bind(0, home.address)
    await once(socket, 'listening')
    // If a peer has gone, the system answers with an ICMP error. To the relay, that is a lost packet.
    socket.on('error', () => undefined)
    socket.on('message', (datagram) => {
      const sender = ends.get(to)
      if (sender) this.pass(datagram, sender, end)
    })
    return { address: home.address, port: socket.address().port }
  }

  close(): void {
    for (const timer of this.timers) clearTimeout(timer)
    for (const ends of this.connections.values()) for (const { socket } of ends.values()) socket.close()
    this.connections.clear()
  }

  private pass(datagram: Buffer, sender: End, receiver: End): void {
    const { network, elapsed } = this.options
    const at = elapsed()
    if (!canReach(network, sender.part, receiver.part, at)) return
    const [from, to] = [sender, receiver].map(({ part }) => stepAt(network.parts[part]!, at).link)
    const now = performance.now()
    const arrival = sender.link.arrivalOf(datagram.length, now, pathBetween(from!, to!))
    if (arrival === undefined) return
    const deliver = () => {
      sender.socket.send(datagram, receiver.home.port, receiver.home.address, () => undefined)
    }
    // Node's timers only support whole milliseconds.
    const wait = Math.round(arrival - now)
    if (wait > 0) this.after(wait, deliver)
    else deliver()
  }

  private after(milliseconds: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer)
      task()
    }, milliseconds)
    this.timers.add(timer)
  }

  /** Uses peer numbers, because ids may differ between tests. */
  private seedOf(from: string, to: string): number {
    const { seed, numberOf } = this.options
    return (
      Math.imul(seed ^ Math.imul(numberOf(from) + 1, 0x9e3779b1), 0x85ebca6b) ^
      Math.imul(numberOf(to) + 1, 0xc2b2ae35)
    )
  }
}
