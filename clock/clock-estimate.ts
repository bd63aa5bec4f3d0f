/**
 * How far a remote clock is from the local one, from round trips, as NTP does it (RFC 5905): the remote clock was read somewhere between
 * departure and return, so each round trip bounds the offset to half its duration either way. The shortest round trips bound it
 * best (minimum-RTT filter), and the bounds of several are intersected (Marzullo, https://www.rfc-editor.org/rfc/rfc5905#section-11.2.1).
 *
 * The error is a true bound, however unequal the two ways are, as long as the drift is steady within the window.
 */

export interface RoundTrip {
  /** Local clock at departure and at return, in ms. */
  departure: number
  return: number
  /** What the remote clock said, in ms. */
  remote: number
}

export interface Offset {
  /** Remote clock − local clock, in ms. */
  offset: number
  /** The true offset is at most this far away, in ms. */
  error: number
}

/** Two crystals of 100 ppm each, the worst that are sold. */
const MAX_DRIFT = 200e-6
/** Round trips older than this are forgotten, because the drift changes with temperature. */
const WINDOW_MS = 120_000
/** As many of the shortest round trips are kept. */
const MAX_SAMPLES = 64

interface Range {
  low: number
  high: number
}
/** A bound on the offset at one instant of the local clock. */
interface Sample extends Range {
  at: number
}

/** What is known of the remote clock, in ms: a bound on its offset at one instant of the local clock, and how fast that changes. */
export interface OffsetBound extends Sample {
  /** Remote ms gained per local ms. */
  drift: Range
}

/** The offset at an instant of the local clock. Before the first round trip the error is infinite. */
export function offsetAt(bound: OffsetBound, localTime: number): Offset {
  const { low, high } = carry(bound, localTime, bound.drift)
  return high === Infinity
    ? { offset: 0, error: Infinity }
    : { offset: middle({ low, high }), error: (high - low) / 2 }
}

/** Drift of the remote clock, and how far from that it may be, in parts per million; above 0 it runs faster. */
export function driftOf({ drift }: OffsetBound): { ppm: number; errorPpm: number } {
  return { ppm: middle(drift) * 1e6, errorPpm: ((drift.high - drift.low) / 2) * 1e6 }
}

export class ClockEstimate {
  private samples: Sample[] = []
  /** Remote ms gained per local ms. */
  private drift: Range = { low: -MAX_DRIFT, high: MAX_DRIFT }
  private latest: Sample = { at: 0, low: -Infinity, high: Infinity }

  add(trip: RoundTrip): void {
    const sample = sampleOf(trip)
    this.samples = [...this.samples, sample].filter(({ at }) => sample.at - at <= WINDOW_MS)
    if (this.samples.length > MAX_SAMPLES) this.samples.splice(indexOfWidest(this.samples), 1)
    if (!this.fit(sample.at)) {
      // No steady drift explains all of them: a clock was set. Only what comes from now on counts.
      this.samples = [sample]
      this.fit(sample.at)
    }
  }

  get bound(): OffsetBound {
    return { ...this.latest, drift: this.drift }
  }

  /** Intersects all bounds; false where they contradict each other. */
  private fit(at: number): boolean {
    this.drift = driftBetween(this.samples)
    const bounds = this.samples.map((sample) => carry(sample, at, this.drift))
    this.latest = {
      at,
      low: Math.max(...bounds.map(({ low }) => low)),
      high: Math.min(...bounds.map(({ high }) => high))
    }
    return this.drift.low <= this.drift.high && this.latest.low <= this.latest.high
  }
}

function sampleOf({ departure, return: arrival, remote }: RoundTrip): Sample {
  return { at: (departure + arrival) / 2, low: remote - arrival, high: remote - departure }
}

/** What a bound at one instant says of another. */
function carry({ at, low, high }: Sample, to: number, drift: Range): Range {
  const age = to - at
  const [slow, fast] = age >= 0 ? [drift.low, drift.high] : [drift.high, drift.low]
  return { low: low + slow * age, high: high + fast * age }
}

/** Every pair of samples bounds the drift, the more the farther they are apart. */
function driftBetween(samples: Sample[]): Range {
  const drift = { low: -MAX_DRIFT, high: MAX_DRIFT }
  for (const [index, late] of samples.entries()) {
    for (const early of samples.slice(0, index)) {
      const distance = late.at - early.at
      if (distance <= 0) continue
      drift.low = Math.max(drift.low, (late.low - early.high) / distance)
      drift.high = Math.min(drift.high, (late.high - early.low) / distance)
    }
  }
  return drift
}

function indexOfWidest(samples: Sample[]): number {
  const widths = samples.map(({ low, high }) => high - low)
  return widths.indexOf(Math.max(...widths))
}

function middle({ low, high }: Range): number {
  return (low + high) / 2
}
