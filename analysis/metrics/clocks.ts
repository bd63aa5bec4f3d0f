import type { PeerRecord } from '../collect/peer-record'

/**
 * Bound on the clocks' part in any latency, in ms: the sum of the two largest errors among different clocks, since a latency is
 * the difference of two. 0 where all peers share one clock, null where none is known.
 *
 * The peers of one machine share a clock, and name it; clocks without a name are the same where their figures are.
 */
export function latencyClockError(peers: readonly PeerRecord[]): number | null {
  const errors = new Map<string, number>()
  for (const { account, clock: latest } of peers) {
    const clock = account?.clock ?? latest
    if (!clock) continue
    const id = clock.id ?? `${clock.offset} ${clock.error}`
    errors.set(id, Math.max(errors.get(id) ?? 0, clock.error))
  }
  if (errors.size === 0) return null
  if (errors.size === 1) return 0
  const [largest, second] = [...errors.values()].sort((a, b) => b - a)
  return largest! + second!
}
