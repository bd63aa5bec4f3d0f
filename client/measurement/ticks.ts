/** The loop that drives the routines, and how late it runs, which shows whether the page is overloaded. */
import { Histogram } from '../../protocol/histogram'

export const TICK_MS = 1000 / 60

/**
 * Calls `tick` about 60 times a second, with the instant it stands for, by `performance.now()`, and how late
 * it comes, in ms. The instants are `origin` and every {@link TICK_MS} after it; a late tick stands for the
 * last one that it missed. A grid that shifted would leave it to chance which peers send in the same tick:
 * most of the difference between equal runs. A timer, because hidden tabs get no animation frames. Returns a
 * function that ends the loop.
 */
export function startTicks(origin: number, tick: (instant: number, lateness: number) => void): () => void {
  const ticksUntil = (now: number) => Math.floor((now - origin) / TICK_MS)
  let due = 0
  let timer = schedule(performance.now())
  /** Timers count whole milliseconds, so round up: no timer may fire early. */
  function schedule(now: number) {
    return setTimeout(run, Math.ceil(origin + due * TICK_MS - now))
  }
  function run(): void {
    const now = performance.now()
    const lateness = Math.max(0, now - (origin + due * TICK_MS))
    const present = Math.max(due, ticksUntil(now))
    due = present + 1
    timer = schedule(now)
    tick(origin + present * TICK_MS, lateness)
  }
  return () => clearTimeout(timer)
}

/**
 * Does `work` halfway to the next tick, when no messages are on their way. A second is exactly sixty ticks:
 * at any other point, the same few peers would wait throughout the run.
 */
export function afterTick(work: () => void): void {
  setTimeout(work, TICK_MS / 2)
}

/** Whether a step is the first of a new period of `period` ms; `passed` ms of the first are already over. */
export function periodic(period: number, passed: number): (elapsed: number) => boolean {
  const periodOf = (elapsed: number) => Math.floor((passed + elapsed) / period)
  let present = periodOf(0)
  return (elapsed) => {
    const isNew = periodOf(elapsed) !== present
    present = periodOf(elapsed)
    return isNew
  }
}

export class TickLateness {
  count = 0
  /** µs. */
  readonly histogram = new Histogram()

  /**
   * Records a tick that came `lateness` ms late, and those missed meanwhile, each with its own: else 10 s of
   * standstill would be one late tick. This is the correction for "coordinated omission" of
   * http://hdrhistogram.org.
   */
  record(lateness: number): void {
    this.count++
    for (let late = lateness; ; late -= TICK_MS) {
      this.histogram.record(late * 1000)
      if (late < TICK_MS) return
    }
  }

  /** As data points report it, in ms; 0 if no tick ran. */
  get figures() {
    const percentile = (percent: number) => (this.count === 0 ? 0 : this.histogram.percentile(percent) / 1000)
    return {
      count: this.count,
      latenessP50: percentile(50),
      latenessP95: percentile(95),
      latenessMax: percentile(100)
    }
  }
}
