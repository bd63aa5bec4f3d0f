/** Virtual time: it stands still while there is work to do, and then jumps to the next event. */
import { Event, EventQueue } from './event-queue'

/** When each simulation starts, in ms since 1970. */
export const EPOCH = Date.UTC(2024, 0, 1)

/**
 * Events per round of Node's event loop. Node runs all microtasks after each setImmediate callback
 * (https://nodejs.org/api/timers.html#setimmediatecallback-args), so each event is a task of its own, as in a
 * browser. One round per event would cost 1 to 2 µs; a batch costs 0.2 µs per event.
 */
const BATCH = 1000
/** Events at one point in virtual time after which it counts as standing still. */
const MOST_AT_ONCE = 1_000_000

export class VirtualTime {
  /** ms since the simulation started. */
  now = 0
  /** Number of events that have happened. */
  happened = 0
  /** Errors thrown by events. A browser reports such an error and carries on; so does the simulation. */
  readonly errors: unknown[] = []
  /** Set when virtual time stands still: thrown where the last event was planned. */
  standstill: Error | undefined
  private order = 0
  /** Events since virtual time last moved. */
  private atOnce = 0
  private readonly planned = new EventQueue()

  /** Plans an event that is not currently planned. A time in the past means now. */
  plan(event: Event, time: number): Event {
    event.order = this.order++
    event.time = time > this.now ? time : this.now
    this.planned.push(event)
    if (time <= this.now && this.atOnce > MOST_AT_ONCE)
      this.standstill ??= new Error('Virtual time stands still')
    return event
  }

  at(time: number, run: () => void): Event {
    return this.plan(new Event(run), time)
  }

  after(milliseconds: number, run: () => void): Event {
    return this.at(this.now + milliseconds, run)
  }

  /**
   * Runs until `isOver`, until nothing is planned, or until virtual time stands still. `beat` is called
   * several times a second.
   */
  run(isOver: () => boolean, beat: () => void = () => undefined): Promise<void> {
    return new Promise((resolve) => {
      let isRunning = true
      const step = () => {
        if (isRunning) isRunning = !isOver() && this.next()
      }
      const batch = () => {
        if (!isRunning) {
          resolve()
          return
        }
        beat()
        for (let i = 0; i < BATCH; i++) setImmediate(step)
        setImmediate(batch)
      }
      batch()
    })
  }

  /** Returns false if nothing is planned. */
  private next(): boolean {
    const event = this.planned.pop()
    if (!event || this.standstill) return false
    this.atOnce = event.time === this.now ? this.atOnce + 1 : 0
    this.now = event.time
    const { run } = event
    if (!run || event.gate?.admits(event) === false) return true
    this.happened++
    try {
      run()
    } catch (error) {
      this.errors.push(error)
    }
    return true
  }
}
