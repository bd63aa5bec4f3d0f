import type { Metrics } from '../../../protocol/data-point'
import { MESSAGE_KINDS } from '../../../protocol/names'

/** Totals over all peers for one interval. */
export interface IntervalTally {
  /** ms of the server's clock. */
  from: number
  until: number
  sent: number
  /** First arrivals that were not late. */
  inTime: number
  /** Silent link ends: each peer reports its own end. */
  silentEnds: number
}

/**
 * Peers cut their intervals at the same instants, give or take a late tick. Data points whose midpoints fall
 * in the same quarter of a second belong to the same interval.
 */
const APART_MS = 250

/** The test, interval by interval. Grows with the length of the test, not with the number of peers. */
export class IntervalTallies {
  private readonly tallies = new Map<number, IntervalTally>()

  /** Adds a peer's counts for `interval` of a test that started at `startsAt`. */
  add({ from, until }: { from: number; until: number }, metrics: Metrics, startsAt: number): void {
    const index = Math.floor(((from + until) / 2 - startsAt) / APART_MS)
    const tally = this.tallies.get(index) ?? { from, until, sent: 0, inTime: 0, silentEnds: 0 }
    this.tallies.set(index, tally)
    tally.from = Math.min(tally.from, from)
    tally.until = Math.max(tally.until, until)
    tally.silentEnds += metrics.links?.silent ?? 0
    for (const kind of metrics.messages ? MESSAGE_KINDS : []) {
      const { sent, received, late = 0 } = metrics.messages![kind]
      tally.sent += sent
      tally.inTime += received - late
    }
  }

  /** In chronological order. */
  inOrder(): IntervalTally[] {
    return [...this.tallies.values()].sort((one, other) => one.from - other.from)
  }
}
