/** Virtual time for tests of the page's core: timers and `performance.now()` advance only when told to. */
import { mock } from 'node:test'

export interface VirtualTime {
  /** Advances time by this many ms and runs everything due by then. */
  pass(milliseconds: number): Promise<void>
  /** Lets time pass until the promise is settled. Throws after `within` ms of virtual time. */
  until<T>(promise: Promise<T>, within?: number): Promise<T>
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
  mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  // Not a mock of node:test, which keeps a record of each call.
  Object.defineProperty(performance, 'now', { value: () => now, configurable: true })

  const step = async () => {
    now++
    mock.timers.tick(1)
    await settled()
  }
  return {
    pass: async (milliseconds) => {
      await settled()
      for (let i = 0; i < milliseconds; i++) await step()
    },
    until: async (promise, within = 120_000) => {
      const isDone = watch(promise)
      const latest = now + within
      await settled()
      while (!isDone()) {
        if (now > latest) throw new Error(`Not settled after ${within} ms of virtual time`)
        await step()
      }
      return promise
    },
    end: () => {
      Reflect.deleteProperty(performance, 'now')
      mock.timers.reset()
    }
  }
}
