/**
 * One direction of an ordered link. An item arrives when its `Way` says, but never before the item sent ahead
 * of it, unless it overtakes. Lost items never arrive; sctp.ts builds a reliable transport on top.
 */
import type { Overtaking } from '../../cli/network/route'
import { Event } from '../engine/event-queue'
import type { Thread } from '../engine/thread'

export interface Way {
  /** When a datagram of `bytes` sent now arrives, in ms; undefined if it is lost. */
  (bytes: number): number | Overtaking | undefined
  /**
   * The receiver's access line, which a datagram enters when it arrives: when it leaves, if it enters now;
   * undefined if it is dropped. Without one, it arrives at the receiver itself.
   */
  access?: (bytes: number) => number | undefined
}

export class Line<T> {
  private isCut = false
  private readonly travelling: { item: T; bytes: number; arrival: number }[] = []
  private readonly event: Event

  /** Each arrival keeps the receiver busy for `cost` ms. */
  constructor(
    private readonly receiver: Thread,
    private readonly way: Way,
    private readonly deliver: (item: T) => void,
    private readonly cost = 0
  ) {
    this.event = new Event(() => this.arrive(), way.access ? undefined : receiver, cost)
  }

  send(item: T, bytes = 0): void {
    const arrival = this.way(bytes)
    if (typeof arrival === 'object') this.overtake(item, bytes, arrival)
    if (typeof arrival !== 'number') return
    this.travelling.push({ item, bytes, arrival })
    // One event for the whole line: the second item is planned as the first arrives, and not before it.
    if (this.travelling.length === 1) this.receiver.time.plan(this.event, arrival)
  }

  /** Stops all further arrivals, but of what overtakes or is in the access line: see sctp.ts. */
  cut(): void {
    this.isCut = true
  }

  private arrive(): void {
    if (this.isCut) return
    const { item, bytes } = this.travelling.shift()!
    const next = this.travelling[0]
    if (next) this.receiver.time.plan(this.event, next.arrival)
    if (this.way.access) this.deliverAt(this.way.access(bytes), item)
    else this.deliver(item)
  }

  private overtake(item: T, bytes: number, { at }: Overtaking): void {
    const { access } = this.way
    if (!access) this.deliverAt(at, item)
    else
      this.receiver.time.at(at, () => {
        if (!this.isCut) this.deliverAt(access(bytes), item)
      })
  }

  private deliverAt(time: number | undefined, item: T): void {
    if (time !== undefined) this.receiver.at(time, () => this.deliver(item), this.cost)
  }
}
