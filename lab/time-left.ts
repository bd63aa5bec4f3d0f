/** Estimates how much longer a campaign takes. */

/** Time to connect, drain and submit results, assumed until a run has shown how long it takes. */
const OVERHEAD_SECONDS = 15

export class TimeLeft {
  private readonly taken: number[] = []
  /** @param duration how long the peers of a run are active, in seconds */
  constructor(private readonly duration: number) {}

  add(seconds: number): void {
    this.taken.push(seconds)
  }

  /** Estimated seconds for this many consecutive runs. */
  of(steps: number): number {
    const { taken, duration } = this
    const each =
      taken.length > 0 ? taken.reduce((sum, one) => sum + one, 0) / taken.length : duration + OVERHEAD_SECONDS
    return steps * each
  }
}

/** "about 70 s" or "about 4 min". */
export function minutes(seconds: number): string {
  return seconds < 90 ? `about ${Math.ceil(seconds / 10) * 10} s` : `about ${Math.round(seconds / 60)} min`
}
