/**
 * Estimates the offset between a remote clock and the local one from round trips, as NTP does (RFC 5905). The
 * remote clock was read somewhere between departure and return, so each round trip bounds the offset to half
 * its duration either way: a true bound, however asymmetric the two directions are, as long as the drift is
 * steady within the window. The shortest are kept (minimum-RTT filter), and their bounds intersected
 * (Marzullo, https://www.rfc-editor.org/rfc/rfc5905#section-11.2.1).
 */

export interface RoundTrip {
  /** Local clock at departure and at return, in ms. */
  departure: number
  return: number
  /** What the remote clock showed, in ms. */
  remote: number
}

export interface Offset {
  /** Remote clock − local clock, in ms. */
  offset: number
  /** The true offset is at most this far away, in ms. */
  error: number
}

/** Two crystals of 100 ppm each, the worst on sale. */
const MAX_DRIFT = 200e-6
/** Round trips older than this are forgotten, because the drift changes with temperature. */
const WINDOW_MS = 120_000
/** Only this many of the shortest round trips are kept. */
const MAX_SAMPLES = 64

type Range = { low: number; high: number }
type Sample = Range & { at: number }

/** What is known of the remote clock, in ms: a bound on its offset at one instant, and on its drift. */
export interface OffsetBound extends Sample {
  /** Remote ms gained per local ms. */
  drift: Range
  /** What the bound is based on; round trips if absent. */
  source?: ClockSourceName
}

/** What a bound on the offset is based on: see system-clock.ts. */
export type ClockSourceName = 'round trips' | 'same system clock' | 'system clocks'

/** The offset at an instant of the local clock. Before the first round trip the error is infinite. */
export function offsetAt(bound: OffsetBound, localTime: number): Offset {
  const { at, low, high, drift } = bound
  const error = (high - low + (drift.high - drift.low) * Math.abs(localTime - at)) / 2
  return { offset: middleAt(bound, localTime), error }
}

/** The offset alone: read for each packet, so it creates no object. */
export function middleAt({ at, low, high, drift }: OffsetBound, localTime: number): number {
  return high === Infinity ? 0 : (low + high + (drift.low + drift.high) * (localTime - at)) / 2
}

/** A positive drift means that the remote clock runs faster. */
export function driftOf({ drift: { low, high } }: OffsetBound): { ppm: number; errorPpm: number } {
  return { ppm: ((low + high) / 2) * 1e6, errorPpm: ((high - low) / 2) * 1e6 }
}

export class ClockEstimate {
  bound: OffsetBound = { at: 0, low: -Infinity, high: Infinity, drift: { low: -MAX_DRIFT, high: MAX_DRIFT } }
  private samples: Sample[] = []
  private maxDrift = MAX_DRIFT

  /** Both clocks are one kernel's, which run alike. Believed until round trips contradict it. */
  assumeNoDrift(): void {
    this.maxDrift = 0
    this.refit()
  }

  add({ departure, return: arrival, remote }: RoundTrip): void {
    const sample = { at: (departure + arrival) / 2, low: remote - arrival, high: remote - departure }
    this.samples = [...this.samples, sample].filter(({ at }) => sample.at - at <= WINDOW_MS)
    const widths = this.samples.map(({ low, high }) => high - low)
    if (widths.length > MAX_SAMPLES) this.samples.splice(widths.indexOf(Math.max(...widths)), 1)
    this.refit()
  }

  private refit(): void {
    const latest = this.samples.at(-1)!
    if (this.fit(latest.at)) return
    // No steady drift explains all samples, so a clock was set. Only samples from now on count.
    this.samples = [latest]
    this.maxDrift = MAX_DRIFT
    this.fit(latest.at)
  }

  /** Intersects all bounds; false if they contradict each other. */
  private fit(at: number): boolean {
    const drift = driftBetween(this.samples, this.maxDrift)
    const bounds = this.samples.map((sample) => carry(sample, at, drift))
    const low = Math.max(...bounds.map((bound) => bound.low))
    const high = Math.min(...bounds.map((bound) => bound.high))
    this.bound = { at, low, high, drift }
    return drift.low <= drift.high && low <= high
  }
}

/** A bound at a later instant. */
export const carry = ({ at, low, high }: Sample, to: number, drift: Range): Range => ({
  low: low + drift.low * (to - at),
  high: high + drift.high * (to - at)
})

/** Every pair of samples, no two of one instant, bounds the drift: the farther apart, the tighter. */
function driftBetween(samples: Sample[], maxDrift: number): Range {
  const drift = { low: -maxDrift, high: maxDrift }
  for (const [index, late] of samples.entries()) {
    for (const early of samples.slice(0, index)) {
      const distance = late.at - early.at
      drift.low = Math.max(drift.low, (late.low - early.high) / distance)
      drift.high = Math.min(drift.high, (late.high - early.low) / distance)
    }
  }
  return drift
}
