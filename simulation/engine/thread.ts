/**
 * A page's main thread. Events that are due while it is busy wait their turn. Without costs it is never busy,
 * and every event happens when it is due.
 */
import { Event, type Gate, type Task } from './event-queue'
import type { VirtualTime } from './virtual-time'

/** An event that keeps its thread busy for `cost` ms. */
export class ThreadEvent extends Event {
  constructor(
    task: Task,
    thread: Thread,
    readonly cost: number
  ) {
    super(task, thread)
  }
}

export class Thread implements Gate {
  /** ms of work so far. */
  worked = 0
  private busyUntil = 0
  private readonly waiting: ThreadEvent[] = []
  private readonly wake = new Event({
    run: () => this.runNext()
  })

  constructor(readonly time: VirtualTime) {}

  /** Creates an event of this thread, which can be planned again whenever it has happened. */
  event(task: Task, cost = 0): Event {
    return new ThreadEvent(task, this, cost)
  }

  at(when: number, run: () => void, cost = 0): Event {
    return this.time.plan(this.event({ run }, cost), when)
  }

  after(milliseconds: number, run: () => void, cost = 0): Event {
    return this.at(this.time.now + milliseconds, run, cost)
  }

  admits(event: Event): boolean {
    const { cost } = event as ThreadEvent
    if (this.busyUntil <= this.time.now && this.waiting.length === 0) {
      if (cost > 0) this.work(cost)
      return true
    }
    this.waiting.push(event as ThreadEvent)
    if (this.waiting.length === 1) this.time.plan(this.wake, this.busyUntil)
    return false
  }

  private work(cost: number): void {
    this.worked += cost
    this.busyUntil = this.time.now + cost
  }

  private runNext(): void {
    const { task, cost } = this.waiting.shift()!
    if (task) this.work(cost)
    if (this.waiting.length > 0) this.time.plan(this.wake, this.busyUntil)
    task?.run()
  }
}
