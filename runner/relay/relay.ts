/**
 * Relays UDP datagrams between peers on this machine, over their access lines and the route between them. A
 * port of the relay replaces each peer's ICE candidate: what B sends to the port that stands for A leaves
 * from the port that stands for B, towards A's own address. Each peer sees the other at the relay.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Accesses, type Access, type AccessOptions } from '../../cli/network/access'
import type { Link, Nat } from '../../cli/network/link'
import { canReach, pathOf, stepAt } from '../../cli/network/network'
import { Overtaking, Route } from '../../cli/network/route'
import { Schedule } from './schedule'

export type Address = { address: string; port: number }

/** Stands for a peer in one connection. */
interface End {
  access: Access
  /** The peer's own address. */
  home: Address
  router: Router
}

export class Relay {
  /** By the pair of peers and their connection, then by peer. */
  private readonly connections = new Map<string, Map<string, End>>()
  private readonly accesses: Accesses
  private readonly routes = new Map<string, Route>()
  private readonly schedule = new Schedule()
  /** ms since the start of the test; at most 0 before it. */
  elapsed: () => number = () => 0

  constructor(private readonly options: AccessOptions) {
    this.accesses = new Accesses(options)
  }

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
    const access = this.accesses.of(from)
    const open = () => {
      const socket = createSocket('udp4').bind(0, home.address)
      // If a peer has gone, the system answers with an ICMP error. To the relay, that is a lost packet.
      socket.on('error', () => undefined)
      socket.on('message', (datagram) => {
        const sender = ends.get(to)
        if (sender) this.pass(datagram, sender, end, socket)
      })
      return socket
    }
    const { nat } = this.options.network.parts[access.part]!.steps[0].link
    const router = new Router(nat, open)
    const end: End = { access, home, router }
    ends.set(from, end)
    await once(router.advertised, 'listening')
    return { address: home.address, port: router.advertised.address().port }
  }

  close(): void {
    this.schedule.close()
    for (const ends of this.connections.values()) for (const { router } of ends.values()) router.close()
    this.connections.clear()
  }

  private linkOf({ part }: Access): Link {
    return stepAt(this.options.network.parts[part]!, this.elapsed()).link
  }

  /** Takes a datagram to the port `target` of the receiver's router. */
  private pass(datagram: Buffer, sender: End, receiver: End, target: Socket): void {
    const { network } = this.options
    const source = sender.router.sourceFor(target)
    const [near, far] = [sender.access, receiver.access]
    const at = this.elapsed()
    if (!canReach(network, near.part, far.part, at)) return
    const sent = near.up.leaves(this.schedule.now(), datagram.length, this.linkOf(near).up)
    if (sent === undefined) return
    const arrival = this.routeOf(near, far).arrivalOf(sent, pathOf(network, near.part, far.part, at))
    if (arrival === undefined) return
    const arrivesAt = arrival instanceof Overtaking ? arrival.at : arrival
    this.schedule.at(arrivesAt, () => {
      const left = far.down.leaves(arrivesAt, datagram.length, this.linkOf(far).down)
      if (left === undefined || !receiver.router.admits(source, target)) return
      this.schedule.at(left, () =>
        source.send(datagram, receiver.home.port, receiver.home.address, () => undefined)
      )
    })
  }

  private routeOf(from: Access, to: Access): Route {
    const key = `${from.number} ${to.number}`
    const route = this.routes.get(key) ?? new Route(this.options.seed, from.number, to.number)
    this.routes.set(key, route)
    return route
  }
}

/** A peer's router in one connection (RFC 4787). */
class Router {
  /** The port that the peer's candidate names. */
  readonly advertised: Socket
  /** A symmetric router's other ports, by the port that the peer sends to. */
  private readonly mapped = new Map<Socket, Socket>()
  /** Where each port has sent to. */
  private readonly contacted = new Map<Socket, Set<Socket>>()

  constructor(
    private readonly nat: Nat,
    private readonly open: () => Socket
  ) {
    this.advertised = open()
  }

  /** The port from which the peer's datagrams to `target` leave. Notes that they did. */
  sourceFor(target: Socket): Socket {
    const source = this.nat === 'symmetric' ? (this.mapped.get(target) ?? this.open()) : this.advertised
    if (source !== this.advertised) this.mapped.set(target, source)
    this.contacted.set(source, (this.contacted.get(source) ?? new Set()).add(target))
    return source
  }

  admits(source: Socket, target: Socket): boolean {
    return this.nat === 'open' || this.contacted.get(target)?.has(source) === true
  }

  close(): void {
    for (const socket of [this.advertised, ...this.mapped.values()]) socket.close()
  }
}
