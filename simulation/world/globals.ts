/**
 * The globals that a bundle sees instead of Node's. Anything not listed here is Node's own, so every source
 * of time and randomness must be listed.
 */
import type { SeededRandom } from '../engine/random'
import type { Thread } from '../engine/thread'
import { VirtualTimers } from '../engine/timers'

/** The start time of each simulation, in ms since 1970. */
export const EPOCH = Date.UTC(2024, 0, 1)

/** `costOfTimer`: ms for which each timer's callback keeps the thread busy. */
export function timeAndChance(
  thread: Thread,
  random: SeededRandom,
  costOfTimer = 0
): Record<string, unknown> {
  const timers = new VirtualTimers(thread, costOfTimer)
  const { time } = thread
  class VirtualDate extends Date {
    constructor(...args: [] | [number]) {
      if (args.length === 0) super(VirtualDate.now())
      else super(...args)
    }
    static override now(): number {
      return EPOCH + Math.floor(time.now)
    }
  }
  return {
    setTimeout: timers.setTimeout,
    clearTimeout: timers.clear,
    setInterval: timers.setInterval,
    clearInterval: timers.clear,
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
      timers.setTimeout(callback, 0, ...args),
    clearImmediate: timers.clear,
    Date: VirtualDate,
    performance: {
      timeOrigin: EPOCH,
      now: () => time.now,
      clearResourceTimings: () => undefined,
      getEntriesByName: () => []
    },
    Math: Object.assign(Object.create(Math) as Math, { random: random.number }),
    crypto: {
      getRandomValues: <T extends ArrayBufferView>(array: T) => random.fill(array),
      randomUUID: () => random.uuid()
    },
    // Request timeouts. Requests always get a response here, and Node's own timeouts would run in real time.
    AbortSignal: { timeout: () => new AbortController().signal, any: ([first]: AbortSignal[]) => first }
  }
}

/** The globals of a browser page: no trace of Node, which could make a library take a different path. */
export function pageGlobals(own: Record<string, unknown>): Record<string, unknown> {
  const window: Record<string, unknown> = { ...own }
  for (const name of ['window', 'self', 'global', 'globalThis']) window[name] = window
  for (const name of ['process', 'Buffer', 'require', 'module', 'exports', 'define', 'document']) {
    window[name] = undefined
  }
  window.Blob = function Blob() {
    throw new Error('Blobs are not simulated')
  }
  return window
}
