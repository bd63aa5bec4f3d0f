/** Virtual time for tests of the page's core: timers and `performance.now()` advance only when told to. */
import { mock } from 'node:test'

export interface VirtualTime {
  /** Advances time by this many ms and runs everything due by then. */
  pass(milliseconds: number): Promise<void>
  /** Lets time pass until the promise is settled. Throws after `within` ms of virtual time. */
  until<T>(promise: Promise<T>, within?: number): Promise<T>
  /** From now on, timers fire only every so many ms, as on a busy machine. */
  stall(milliseconds: number): void
  end(): void
}

/** Resolves once everything that promises triggered has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** Returns a function that says whether the promise is settled. */
function watch(promise: Promise<unknown>): () => boolean {
  let isSettled = false
  const settle = () => {
    isSettled = true
  }
  promise.then(settle, settle)
  return () => isSettled
}

export function startVirtualTime(): VirtualTime {
  let now = 1000
  let stride = 1
  const due = new Set<number>()
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  rememberDueTimes(due, () => now)
  // Not a mock of node:test, which keeps a record of each call.
  Object.defineProperty(performance, 'now', { value: () => now, configurable: true })

  /** To the next instant at which something is due, since nothing happens before. */
  const step = async (latest: number) => {
    const next = Math.min(latest, Math.max(Math.min(...due), now + stride))
    const passed = next - now
    now = next
    for (const instant of due) if (instant <= now) due.delete(instant)
    mock.timers.tick(passed)
    await settled()
  }
  return {
    pass: async (milliseconds) => {
      const end = now + milliseconds
      await settled()
      while (now < end) await step(end)
    },
    until: async (promise, within = 120_000) => {
      const isDone = watch(promise)
      const latest = now + within
      await settled()
      while (!isDone()) {
        if (now >= latest) throw new Error(`Not settled after ${within} ms of virtual time`)
        await step(latest)
      }
      return promise
    },
    stall: (milliseconds) => {
      stride = milliseconds
    },
    end: () => {
      Reflect.deleteProperty(performance, 'now')
      mock.timers.reset()
    }
  }
}

/** Adds to `due` when each timer fires, in whole ms. */
function rememberDueTimes(due: Set<number>, now: () => number): void {
  const { setTimeout, setInterval } = globalThis
  const remember = (delay = 0) => due.add(Math.ceil(now() + Math.max(1, delay)))
  const timeout = (work: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    remember(delay)
    return setTimeout(work, delay, ...args)
  }
  const interval = (work: (...args: unknown[]) => void, delay?: number, ...args: unknown[]) => {
    remember(delay)
    const workAndRemember = () => {
      remember(delay)
      work(...args)
    }
    return setInterval(workAndRemember, delay)
  }
  Object.assign(globalThis, { setTimeout: timeout, setInterval: interval })
}
