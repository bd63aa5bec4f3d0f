/**
 * setTimeout and related functions in virtual time, as HTML defines them: whole milliseconds, numeric ids.
 */
import type { Event } from './event-queue'
import type { Thread } from './thread'

type Callback = (...args: unknown[]) => void

/**
 * Timers that are set by timers that are set by timers…: Chromium makes them wait
 * (https://html.spec.whatwg.org/#timer-initialisation-steps).
 */
const DEEPEST_UNCLAMPED = 6
const CLAMP_MS = 4

export class VirtualTimers {
  private readonly pending = new Map<number, Event>()
  private lastId = 0
  /** How deeply the timer that is running was nested, and in which task it runs. */
  private running = { level: 0, task: -1 }

  /** Each callback keeps the thread busy for `cost` ms. */
  constructor(
    private readonly thread: Thread,
    private readonly cost = 0
  ) {}

  readonly setTimeout = (callback: Callback, delay?: number, ...args: unknown[]): number =>
    this.set(() => callback(...args), wholeMilliseconds(delay), false)

  readonly setInterval = (callback: Callback, delay?: number, ...args: unknown[]): number =>
    this.set(() => callback(...args), Math.max(1, wholeMilliseconds(delay)), true)

  private set(callback: () => void, delay: number, repeats: boolean): number {
    const { thread, pending } = this
    const id = ++this.lastId
    let level = this.nextLevel()
    const run = () => {
      this.running = { level, task: thread.time.happened }
      if (repeats) thread.time.plan(event, thread.time.now + clamped(delay, ++level))
      else pending.delete(id)
      callback()
    }
    const event = thread.after(clamped(delay, level), run, this.cost)
    pending.set(id, event)
    return id
  }

  /** A timer that is set now is nested if another one is running. */
  private nextLevel(): number {
    const { level, task } = this.running
    return task === this.thread.time.happened ? level + 1 : 1
  }

  readonly clear = (id?: number | string): void => {
    // A key of an object, for example, is text.
    const number = Number(id)
    this.pending.get(number)?.cancel()
    this.pending.delete(number)
  }
}

function clamped(delay: number, level: number): number {
  return level > DEEPEST_UNCLAMPED && delay < CLAMP_MS ? CLAMP_MS : delay
}

/** As in browsers, 32 bits with a sign: 0 if it is no number, or infinite, or 2 ** 31. */
function wholeMilliseconds(delay: number | undefined): number {
  return Math.max(0, Number(delay) | 0)
}
