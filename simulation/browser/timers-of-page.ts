/** Timers, animation frames and microtasks of a page. */
import { virtualTimers } from '../engine/timers'
import type { BrowserPage } from './host'

/** Chromium without a display draws 60 frames a second, all pages in step. */
const FRAME_MS = 1000 / 60

export function timersOf({ thread, costOfTimer, report }: BrowserPage): Record<string, unknown> {
  const microtasks = Promise.resolve()
  return {
    ...virtualTimers(thread, costOfTimer),
    queueMicrotask: (callback: () => void) => {
      if (typeof callback !== 'function') throw new TypeError('The callback is not a function.')
      microtasks.then(callback).catch(report)
    },
    ...framesOf(thread, report)
  }
}

type FrameCallback = (now: number) => void

/** All callbacks of one frame run in one task and see the same time. */
function framesOf(thread: BrowserPage['thread'], report: BrowserPage['report']): Record<string, unknown> {
  const { time } = thread
  let waiting = new Map<number, FrameCallback>()
  let lastId = 0
  /** Also if all callbacks were cancelled since. */
  let isPlanned = false
  const draw = () => {
    isPlanned = false
    const callbacks = waiting
    waiting = new Map()
    running = callbacks
    const { now } = time
    for (const callback of callbacks.values()) {
      try {
        callback(now)
      } catch (error) {
        report(error)
      }
    }
  }
  let running = waiting
  return {
    requestAnimationFrame: (callback: FrameCallback) => {
      if (!isPlanned) thread.at((Math.floor(time.now / FRAME_MS + 1e-9) + 1) * FRAME_MS, draw)
      isPlanned = true
      waiting.set(++lastId, callback)
      return lastId
    },
    cancelAnimationFrame: (id: number) => {
      // A callback may cancel another one of the same frame.
      running.delete(id)
      waiting.delete(id)
    }
  }
}
