/** setTimeout and the like in virtual time, as HTML defines them: whole milliseconds, numeric ids. */
import type { Event } from './event-queue'
import type { Thread } from './thread'

/**
 * Timers that are set by timers that are set by timers…: Chromium makes them wait
 * (https://html.spec.whatwg.org/#timer-initialisation-steps).
 */
const DEEPEST_UNCLAMPED = 6
const CLAMP_MS = 4

/** Each callback keeps the thread busy for `cost` ms. */
export function virtualTimers(thread: Thread, cost = 0) {
  const { time } = thread
  const pending = new Map<number, Event>()
  let lastId = 0
  /** How deeply the timer that is running was nested, and in which task it runs. */
  let running = { level: 0, task: -1 }

  const setter =
    (repeats: boolean) =>
    (callback?: ((...args: unknown[]) => void) | null, given?: number, ...args: unknown[]): number => {
      const id = ++lastId
      // As in browsers, 32 bits with a sign: 0 if it is no number, or infinite, or 2 ** 31.
      const delay = Math.max(0, Number(given) | 0)
      let level = running.task === time.happened ? running.level + 1 : 1
      const run = () => {
        running = { level, task: time.happened }
        if (repeats) time.plan(event, time.now + clamped(delay, ++level))
        else pending.delete(id)
        callback?.(...args)
      }
      const event = thread.after(clamped(delay, level), run, cost)
      pending.set(id, event)
      return id
    }
  const clear = (id?: number | string): void => {
    // A key of an object, for example, is text.
    const number = Number(id)
    pending.get(number)?.cancel()
    pending.delete(number)
  }
  return { setTimeout: setter(false), setInterval: setter(true), clearTimeout: clear, clearInterval: clear }
}

function clamped(delay: number, level: number): number {
  return level > DEEPEST_UNCLAMPED && delay < CLAMP_MS ? CLAMP_MS : delay
}
