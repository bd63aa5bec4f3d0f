/** A peer's router in one connection (RFC 4787). */
import type { Socket } from 'node:dgram'
import type { Nat } from '../../options/network/link'

export class Router {
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
    const targets = this.contacted.get(source) ?? new Set()
    this.contacted.set(source, targets.add(target))
    return source
  }

  admits(source: Socket, target: Socket): boolean {
    return this.nat === 'open' || this.contacted.get(target)?.has(source) === true
  }

  close(): void {
    for (const socket of [this.advertised, ...this.mapped.values()]) socket.close()
  }
}
