import type { PeerRecord } from '../collect/peer-record'

/**
 * Upper bound on the clock error in any latency, in ms: the sum of the two largest errors among different
 * clocks, because a latency is the difference of two clock readings. 0 if all peers share one clock, null if
 * no clock is known.
 *
 * The peers of one machine share a clock and report its name. Clocks without a name count as the same clock
 * if their figures are equal.
 */
export function latencyClockError(peers: readonly PeerRecord[]): number | null {
  const errors = new Map<string, number>()
  for (const { clock } of peers.map(({ account }) => account)) {
    if (!clock) continue
    const id = clock.id ?? `${clock.offset} ${clock.error}`
    errors.set(id, Math.max(errors.get(id) ?? 0, clock.error))
  }
  if (errors.size === 0) return null
  if (errors.size === 1) return 0
  const [largest, second] = [...errors.values()].sort((a, b) => b - a)
  return largest! + second!
}
