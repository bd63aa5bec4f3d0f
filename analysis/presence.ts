/** Which peers were present when: the basis for judging delivery. */
import { lowerBound } from '../protocol/lower-bound'
import type { PeerResults } from '../protocol/peer-results'

/** When a peer was in the room. Both ends are inclusive. */
export type Presence = PeerResults['presence']

/** Step function: how many of a set of peers are present at each instant. */
export class PresenceTimeline {
  private readonly joins: Float64Array
  private readonly leaves: Float64Array
  private readonly joinsSummed: Float64Array
  private readonly leavesSummed: Float64Array

  constructor(presences: readonly Presence[]) {
    this.joins = Float64Array.from(presences, ({ joined }) => joined).sort()
    this.leaves = Float64Array.from(presences, ({ left }) => left).sort()
    this.joinsSummed = runningSums(this.joins)
    this.leavesSummed = runningSums(this.leaves)
  }

  /** Peers with joined ≤ t ≤ left. */
  countAt(t: number): number {
    return countUpTo(this.joins, t) - countBefore(this.leaves, t)
  }

  /** The number present throughout [from, until], or undefined if it changes in between. */
  constantIn(from: number, until: number): number | undefined {
    const joinsInside = countUpTo(this.joins, until) - countUpTo(this.joins, from)
    const leavesInside = countBefore(this.leaves, until) - countBefore(this.leaves, from)
    return joinsInside === 0 && leavesInside === 0 ? this.countAt(from) : undefined
  }

  /** The time-weighted mean number of peers in [from, until]. */
  meanIn(from: number, until: number): number {
    if (until <= from) return this.countAt(from)
    return (this.peerTimeUntil(until) - this.peerTimeUntil(from)) / (until - from)
  }

  maxIn(from: number, until: number): number {
    let most = this.countAt(from)
    for (let i = countUpTo(this.joins, from); i < this.joins.length && this.joins[i]! <= until; i++) {
      most = Math.max(most, this.countAt(this.joins[i]!))
    }
    return most
  }

  /** Total time that peers were present before t: Σ over peers. */
  private peerTimeUntil(t: number): number {
    return timeSince(this.joins, this.joinsSummed, t) - timeSince(this.leaves, this.leavesSummed, t)
  }
}

export const isPresent = ({ joined, left }: Presence, at: number): boolean => joined <= at && at <= left

export function overlap(presence: Presence, from: number, until: number): number {
  return Math.max(0, Math.min(presence.left, until) - Math.max(presence.joined, from))
}

/** Relative to the first value, so that sums of timestamps keep their fractions. */
function runningSums(sorted: Float64Array): Float64Array {
  let total = 0
  return sorted.map((value) => (total += value - sorted[0]!))
}

/** Σ of (t − value) over the values ≤ t. */
function timeSince(sorted: Float64Array, sums: Float64Array, t: number): number {
  const count = countUpTo(sorted, t)
  return count === 0 ? 0 : count * (t - sorted[0]!) - sums[count - 1]!
}

function countUpTo(sorted: Float64Array, t: number): number {
  return lowerBound(sorted.length, (index) => sorted[index]! > t)
}

function countBefore(sorted: Float64Array, t: number): number {
  return lowerBound(sorted.length, (index) => sorted[index]! >= t)
}
