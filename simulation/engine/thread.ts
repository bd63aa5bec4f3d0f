/**
 * A page's main thread. Events that are due while it is busy wait their turn. Without costs it is never busy,
 * and every event happens when it is due.
 */
import { Event } from './event-queue'
import type { VirtualTime } from './virtual-time'

export class Thread {
  private busyUntil = 0
  private readonly waiting: Event[] = []
  private readonly wake = new Event(() => this.runNext())

  constructor(readonly time: VirtualTime) {}

  at(when: number, run: () => void, cost = 0): Event {
    return this.time.plan(new Event(run, this, cost), when)
  }

  after(milliseconds: number, run: () => void, cost = 0): Event {
    return this.at(this.time.now + milliseconds, run, cost)
  }

  admits(event: Event): boolean {
    const { time, waiting } = this
    if (this.busyUntil <= time.now && waiting.length === 0) {
      this.busyUntil = time.now + event.cost
      return true
    }
    waiting.push(event)
    if (waiting.length === 1) time.plan(this.wake, this.busyUntil)
    return false
  }

  private runNext(): void {
    const { run, cost } = this.waiting.shift()!
    if (run) this.busyUntil = this.time.now + cost
    if (this.waiting.length > 0) this.time.plan(this.wake, this.busyUntil)
    run?.()
  }
}
