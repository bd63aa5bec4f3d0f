/** The loop that drives the routines, and how late it runs: the sign that a page is overloaded. */
import { Histogram } from '../../protocol/histogram'

/** About 60 times a second. */
export const TICK_MS = 1000 / 60

/**
 * Calls `tick` about 60 times a second, with the instant for which it is and how late it comes, in ms. The instants are `origin` and every
 * {@link TICK_MS} after it, by `performance.now()`; of several that a late tick has missed it is the last. A grid that began anywhere, or shifted with
 * each late tick, would decide by chance which peers send in one tick: most of what equal runs differed by.
 *
 * A timer and not an animation frame, because hidden tabs have none.
 *
 * @returns a function that ends the loop
 */
export function startTicks(origin: number, tick: (instant: number, lateness: number) => void): () => void {
  const ticksUntil = (now: number) => Math.floor((now - origin) / TICK_MS)
  let due = ticksUntil(performance.now()) + 1
  let timer = schedule()
  /** Timers count whole milliseconds: rounded up, so that none comes before its instant. */
  function schedule() {
    return setTimeout(run, Math.ceil(origin + due * TICK_MS - performance.now()))
  }
  function run(): void {
    const now = performance.now()
    const lateness = Math.max(0, now - (origin + due * TICK_MS))
    const present = Math.max(due, ticksUntil(now))
    due = present + 1
    timer = schedule()
    tick(origin + present * TICK_MS, lateness)
  }
  return () => {
    clearTimeout(timer)
  }
}

/**
 * Does `work` half way to the next tick: the messages of this one have arrived by then, those of the next are not sent yet, and none waits for what
 * the suite does for itself. A second is just sixty ticks. At any other place such work would, through the whole run, hold up the messages of
 * the same few peers, or none.
 */
export function afterTick(work: () => void): void {
  setTimeout(work, TICK_MS / 2)
}

/** Tells of each step of a time whether it is the first in a new period; periods of `period` ms, of the first of which `passed` ms are over. */
export function periodic(period: number, passed: number): (elapsed: number) => boolean {
  const periodOf = (elapsed: number) => Math.floor((passed + elapsed) / period)
  let present = periodOf(0)
  return (elapsed) => {
    const isNew = periodOf(elapsed) !== present
    present = periodOf(elapsed)
    return isNew
  }
}

/** How late ticks came. */
export class TickLateness {
  /** Ticks that ran. */
  count = 0
  /** µs. */
  readonly histogram = new Histogram()

  /**
   * Counts a tick that came `lateness` ms late. The ticks that were missed meanwhile are counted as well, each with its own
   * lateness; otherwise a page that stood still for 10 s would show one late tick among hundreds of good ones (the
   * correction for "coordinated omission" of http://hdrhistogram.org).
   */
  record(lateness: number): void {
    this.count++
    for (let late = lateness; ; late -= TICK_MS) {
      this.histogram.record(late * 1000)
      if (late < TICK_MS) return
    }
  }

  /** Milliseconds; 0 where no tick ran. */
  percentile(percent: number): number {
    return this.count === 0 ? 0 : this.histogram.percentile(percent) / 1000
  }

  reset(): void {
    this.count = 0
    this.histogram.reset()
  }
}
