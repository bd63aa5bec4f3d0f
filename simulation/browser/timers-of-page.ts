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
  const waiting = new Map<number, FrameCallback>()
  let lastId = 0
  /** Also if all callbacks were cancelled since. */
  let isPlanned = false
  const draw = () => {
    isPlanned = false
    const [{ now }, last] = [time, lastId]
    for (const [id, callback] of waiting) {
      // Those that were asked for since are of the next frame.
      if (id > last) break
      waiting.delete(id)
      try {
        callback(now)
      } catch (error) {
        report(error)
      }
    }
  }
  return {
    requestAnimationFrame: (callback: FrameCallback) => {
      if (!isPlanned) thread.at((Math.floor(time.now / FRAME_MS + 1e-9) + 1) * FRAME_MS, draw)
      isPlanned = true
      waiting.set(++lastId, callback)
      return lastId
    },
    cancelAnimationFrame: (id: number) => void waiting.delete(id)
  }
}
