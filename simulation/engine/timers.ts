/**
 * setTimeout and related functions in virtual time, as HTML defines them: whole milliseconds, numeric ids.
 */
import { Event, type Task } from './event-queue'
import type { Thread } from './thread'

type Callback = (...args: unknown[]) => void

/**
 * Timers that are set by timers that are set by timers…: Chromium makes them wait
 * (https://html.spec.whatwg.org/#timer-initialisation-steps).
 */
const DEEPEST_UNCLAMPED = 6
const CLAMP_MS = 4

/**
 * A class instead of a closure: half of all events are 0 ms timeouts, which simple-peer uses to defer work.
 */
class Timeout implements Task {
  constructor(
    private readonly id: number,
    private readonly timers: VirtualTimers,
    private readonly level: number,
    private readonly callback: Callback,
    private readonly args: unknown[]
  ) {}

  run(): void {
    const { callback, timers } = this
    timers.begin(this.id, this.level)
    callback(...this.args)
  }
}

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

  readonly setTimeout = (callback: Callback, delay?: number, ...args: unknown[]): number => {
    const { thread, pending } = this
    const id = ++this.lastId
    const level = this.nextLevel()
    const event = new Event(new Timeout(id, this, level, callback, args), thread, this.cost)
    pending.set(id, event)
    thread.time.plan(event, thread.time.now + clamped(wholeMilliseconds(delay), level))
    return id
  }

  readonly setInterval = (callback: Callback, delay?: number, ...args: unknown[]): number => {
    const { thread, pending } = this
    const id = ++this.lastId
    let level = this.nextLevel()
    const period = Math.max(1, wholeMilliseconds(delay))
    const run = () => {
      this.running = { level, task: thread.time.happened }
      level++
      thread.time.plan(event, thread.time.now + clamped(period, level))
      callback(...args)
    }
    const event = thread.after(clamped(period, level), run, this.cost)
    pending.set(id, event)
    return id
  }

  /** For the timer itself. */
  begin(id: number, level: number): void {
    this.pending.delete(id)
    this.running.level = level
    this.running.task = this.thread.time.happened
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
