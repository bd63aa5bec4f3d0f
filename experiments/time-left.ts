/** Estimates how much longer a campaign takes. */
import type { Setting } from './plan'

/** Time to connect, drain and submit results, assumed until a run has shown how long it takes. */
const OVERHEAD_SECONDS = 15

export class TimeLeft {
  private readonly taken: number[] = []
  constructor(private readonly setting: Pick<Setting, 'duration' | 'engine'>) {}

  add(seconds: number): void {
    this.taken.push(seconds)
  }

  /** ", about 4 min left" for this many consecutive runs; empty as long as nothing tells. */
  of(steps: number): string {
    const { taken, setting } = this
    const usual = setting.duration + OVERHEAD_SECONDS
    // How long virtual time takes depends on the machine and the build.
    if (taken.length === 0 && setting.engine === 'simulation') return ''
    const each = taken.length > 0 ? taken.reduce((sum, one) => sum + one, 0) / taken.length : usual
    return `, ${minutes(steps * each)} left`
  }
}

/** "about 70 s" or "about 4 min". */
function minutes(seconds: number): string {
  return seconds < 90 ? `about ${Math.ceil(seconds / 10) * 10} s` : `about ${Math.round(seconds / 60)} min`
}
