/** Runs tasks when they are due in real time, in the order of their due times. */
import { Event, EventQueue } from '../../simulation/engine/event-queue'

/** Node's timers count whole milliseconds, so what is due within half of one runs now. */
const EARLY_MS = 0.5

export class Schedule {
  private readonly queue = new EventQueue()
  private planned = 0
  private timer: NodeJS.Timeout | undefined
  private isRunning = false
  private readonly origin = performance.now()

  /** ms since this schedule was made. */
  now(): number {
    return performance.now() - this.origin
  }

  /** Runs `run` at `due` (ms); tasks that are due at the same time run in the order of these calls. */
  at(due: number, run: () => void): void {
    const event = new Event(run)
    event.time = due
    event.order = this.planned++
    this.queue.push(event)
    this.runDue()
  }

  close(): void {
    clearTimeout(this.timer)
    while (this.queue.pop());
  }

  private runDue(): void {
    if (this.isRunning) return
    this.isRunning = true
    for (let { first } = this.queue; first && first.time <= this.now() + EARLY_MS; { first } = this.queue)
      this.queue.pop()!.run!()
    this.isRunning = false
    clearTimeout(this.timer)
    const { first } = this.queue
    if (first) this.timer = setTimeout(() => this.runDue(), Math.floor(first.time - this.now()))
  }
}
