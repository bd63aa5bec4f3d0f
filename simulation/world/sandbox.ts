/** Runs the suite's own Lighthouse in virtual time: with Node's modules, but other globals. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { virtualDateOf } from '../browser/calendar'
import type { SeededRandom } from '../../protocol/random'
import type { Thread } from '../engine/thread'
import { EPOCH } from '../engine/virtual-time'
import { virtualTimers } from '../engine/timers'
import { compileBundle, type Bundle } from './realm'

/** Returns what the bundle exports; it must end in `return exported`. */
export function runBundle(code: string, filename: string, globals: Record<string, unknown>): unknown {
  const script = compileBundle(code, Object.keys(globals), filename)
  return (script.runInThisContext() as Bundle)(...Object.values(globals))
}

/** Everything but Node's time and randomness. */
export function nodeGlobals(thread: Thread, random: SeededRandom): Record<string, unknown> {
  // Only Node's built-in modules are required, so the folder does not matter; a child process has no file.
  const real = createRequire(join(process.cwd(), 'simulation.js'))
  const require = (name: string): unknown =>
    name.replace('node:', '') === 'crypto'
      ? { ...(real('crypto') as object), randomUUID: () => random.uuid() }
      : real(name)
  // The process that runs a simulation has no globals of Node any more: see jail.ts.
  const own = { process, Buffer, URL, URLSearchParams, TextEncoder, TextDecoder, AbortController, console }
  const timers = virtualTimers(thread)
  const now = () => thread.time.now
  return {
    ...own,
    ...timers,
    global: globalThis,
    require,
    module: {},
    exports: {},
    setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
      timers.setTimeout(callback, 0, ...args),
    clearImmediate: timers.clearTimeout,
    Date: virtualDateOf(now),
    performance: { timeOrigin: EPOCH, now },
    Math: Object.assign(Object.create(Math) as Math, { random: random.number })
  }
}
