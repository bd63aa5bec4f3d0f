/** The loop that drives the routines, and how late it runs: the sign that a page is overloaded. */
import { Histogram } from '../../protocol/histogram'

/** About 60 times a second. */
export const TICK_MS = 1000 / 60

/**
 * Calls `tick` about 60 times a second with `performance.now()` and how late it is, in ms. A timer and not an animation frame,
 * because hidden tabs have none. A late tick is not made up for.
 *
 * @returns a function that ends the loop
 */
export function startTicks(tick: (now: number, lateness: number) => void): () => void {
  let due = performance.now() + TICK_MS
  let timer = setTimeout(run, TICK_MS)
  function run(): void {
    const now = performance.now()
    const lateness = Math.max(0, now - due)
    due = Math.max(now, due + TICK_MS)
    timer = setTimeout(run, due - now)
    tick(now, lateness)
  }
  return () => {
    clearTimeout(timer)
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
