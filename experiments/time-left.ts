/** Estimates how much longer a campaign takes. */
import type { Setting } from './plan'

/** Time to connect, drain and submit results, assumed until a run has shown how long it takes. */
const OVERHEAD_SECONDS = 15

/** Such as ", about 4 min left", by the seconds that earlier runs took; empty as long as nothing tells. */
export function timeLeft(steps: number, taken: readonly number[], { duration, engine }: Setting): string {
  // How long virtual time takes depends on the machine and the build.
  if (taken.length === 0 && engine === 'simulation') return ''
  const sum = taken.reduce((total, one) => total + one, 0)
  const seconds = steps * (taken.length > 0 ? sum / taken.length : duration + OVERHEAD_SECONDS)
  const rounded = seconds < 90 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.round(seconds / 60)} min`
  return `, about ${rounded} left`
}
