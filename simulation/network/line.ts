/**
 * One direction of an ordered link. An item arrives when its `Way` says, but never before the item sent ahead
 * of it, unless it overtakes. Lost items never arrive; sctp.ts builds a reliable transport on top.
 */
import type { Event, Task } from '../engine/event-queue'
import type { Thread } from '../engine/thread'

/** An arrival that does not wait for items sent earlier. */
export class Overtaking {
  constructor(readonly at: number) {}
}

/** When a datagram of `bytes` sent now arrives, in ms; undefined if it is lost. */
export type Way = (bytes: number) => number | Overtaking | undefined

/** Arrived items stay in the queue until this many can be removed at once. */
const COMPACT_AT = 256

export class Line<T> implements Task {
  private lastArrival = 0
  private isCut = false
  private items: T[] = []
  private arrivals: number[] = []
  private head = 0
  private readonly event: Event

  /** Each arrival keeps the receiver busy for `cost` ms. */
  constructor(
    private readonly receiver: Thread,
    private readonly way: Way,
    private readonly deliver: (item: T) => void,
    private readonly cost = 0
  ) {
    this.event = receiver.event(this, cost)
  }

  send(item: T, bytes = 0): void {
    if (this.isCut) return
    const arrival = this.way(bytes)
    if (arrival === undefined) return
    if (typeof arrival === 'object') {
      this.overtake(item, arrival)
      return
    }
    if (arrival > this.lastArrival) this.lastArrival = arrival
    this.items.push(item)
    this.arrivals.push(this.lastArrival)
    // One event for the whole line is enough: the second item cannot arrive before the first.
    if (this.items.length - this.head === 1) this.receiver.time.plan(this.event, this.lastArrival)
  }

  /** Stops all further arrivals. */
  cut(): void {
    this.isCut = true
    this.items = []
    this.arrivals = []
    this.head = 0
  }

  run(): void {
    if (this.isCut) return
    const item = this.items[this.head++]!
    if (this.head === this.items.length) {
      this.items.length = this.arrivals.length = this.head = 0
    } else {
      this.receiver.time.plan(this.event, this.arrivals[this.head]!)
      if (this.head >= COMPACT_AT) this.compact()
    }
    this.deliver(item)
  }

  private overtake(item: T, { at }: Overtaking): void {
    const deliver = () => {
      if (!this.isCut) this.deliver(item)
    }
    this.receiver.at(at, deliver, this.cost)
  }

  private compact(): void {
    this.items = this.items.slice(this.head)
    this.arrivals = this.arrivals.slice(this.head)
    this.head = 0
  }
}
