/**
 * setTimeout and related functions in virtual time, as HTML defines them: whole milliseconds, numeric ids.
 */
import type { Event, Task } from './event-queue'
import type { Thread } from './thread'

type Callback = (...args: unknown[]) => void

/**
 * A class instead of a closure: half of all events are 0 ms timeouts, which simple-peer uses to defer work.
 */
class Timeout implements Task {
  constructor(
    private readonly id: number,
    private readonly pending: Map<number, Event>,
    private readonly callback: Callback,
    private readonly args: unknown[]
  ) {}

  run(): void {
    this.pending.delete(this.id)
    const { callback } = this
    callback(...this.args)
  }
}

export class VirtualTimers {
  private readonly pending = new Map<number, Event>()
  private lastId = 0

  /** Each callback keeps the thread busy for `cost` ms. */
  constructor(
    private readonly thread: Thread,
    private readonly cost = 0
  ) {}

  readonly setTimeout = (callback: Callback, delay?: number, ...args: unknown[]): number => {
    const { thread, pending } = this
    const id = ++this.lastId
    const event = thread.event(new Timeout(id, pending, callback, args), this.cost)
    pending.set(id, event)
    thread.time.plan(event, thread.time.now + (delay === 0 ? 0 : wholeMilliseconds(delay)))
    return id
  }

  readonly setInterval = (callback: Callback, delay?: number, ...args: unknown[]): number => {
    const { thread, pending } = this
    const id = ++this.lastId
    const period = Math.max(1, wholeMilliseconds(delay))
    const run = () => {
      thread.time.plan(event, thread.time.now + period)
      callback(...args)
    }
    const event = thread.after(period, run, this.cost)
    pending.set(id, event)
    return id
  }

  readonly clear = (id?: number): void => {
    this.pending.get(id!)?.cancel()
    this.pending.delete(id!)
  }
}

/** Values that are not numbers count as 0, as in browsers. */
function wholeMilliseconds(delay: number | undefined): number {
  return Math.max(0, Math.trunc(Number(delay)) || 0)
}
