/** Virtual time for tests of the page's core: timers and `performance.now()` advance only when told to. */
import { afterEach, beforeEach, mock } from 'node:test'

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

/** Begins anew in each test of the file that creates it. */
export class VirtualTime {
  private now = 1000
  private stride = 1
  private readonly due = new Set<number>()

  constructor() {
    beforeEach(() => this.start())
    afterEach(() => {
      Reflect.deleteProperty(performance, 'now')
      mock.timers.reset()
    })
  }

  /** Advances time by this many ms and runs everything due by then. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds
    await settled()
    while (this.now < end) await this.step(end)
  }

  /** Lets time pass until the promise is settled. Throws after `within` ms of virtual time. */
  async until<T>(promise: Promise<T>, within = 120_000): Promise<T> {
    const isDone = watch(promise)
    const latest = this.now + within
    await settled()
    while (!isDone()) {
      if (this.now >= latest) throw new Error(`Not settled after ${within} ms of virtual time`)
      await this.step(latest)
    }
    return promise
  }

  /** From now on, timers fire only every so many ms, as on a busy machine. */
  stall(milliseconds: number): void {
    this.stride = milliseconds
  }

  private start(): void {
    this.now = 1000
    this.stride = 1
    this.due.clear()
    mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    rememberDueTimes(this.due, () => this.now)
    // Not a mock of node:test, which keeps a record of each call.
    Object.defineProperty(performance, 'now', { value: () => this.now, configurable: true })
  }

  /** To the next instant at which something is due, since nothing happens before. */
  private async step(latest: number): Promise<void> {
    const next = Math.min(latest, Math.max(Math.min(...this.due), this.now + this.stride))
    const passed = next - this.now
    this.now = next
    for (const instant of this.due) if (instant <= next) this.due.delete(instant)
    mock.timers.tick(passed)
    await settled()
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
