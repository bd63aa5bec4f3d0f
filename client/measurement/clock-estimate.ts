/**
 * How far a remote clock is from the local one, from round trips, as NTP does it (RFC 5905): the remote clock was read
 * somewhere between the departure and the return, so each round trip bounds the offset by half its duration. Among round trips the
 * shortest tells most (minimum-RTT filter); an estimate of the drift carries it to other instants.
 *
 * The bounds are true ones, no matter how unequal the two ways are, as long as the drift is steady within the window.
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

/** Crystals are better than 100 ppm; an NTP daemon slews by 500 ppm at most. */
const MAX_DRIFT = 500e-6
/** Round trips older than this are forgotten: the drift changes with temperature. */
const WINDOW_MS = 120_000
/** Of round trips this close together only the shortest is kept. */
const BURST_MS = 5000

/** A bound on the offset at one instant of the local clock. */
interface Sample extends Offset {
  at: number
}
/** Remote ms gained per local ms. */
interface Drift {
  rate: number
  error: number
}

export class ClockEstimate {
  private samples: Sample[] = []
  private drift: Drift = { rate: 0, error: MAX_DRIFT }

  add(trip: RoundTrip): void {
    const sample = sampleOf(trip)
    const latest = this.samples.at(-1)
    if (latest && sample.at - latest.at < BURST_MS) {
      if (sample.error >= latest.error) return
      this.samples.pop()
    }
    this.samples.push(sample)
    this.samples = this.samples.filter(({ at }) => sample.at - at <= WINDOW_MS)
    this.drift = driftOf(this.samples)
  }

  /** The offset at an instant of the local clock. Before the first round trip the error is infinite. */
  at(localTime: number): Offset {
    let best: Offset = { offset: 0, error: Infinity }
    for (const { at, offset, error } of this.samples) {
      const age = localTime - at
      const candidate = error + this.drift.error * Math.abs(age)
      if (candidate < best.error) best = { offset: offset + this.drift.rate * age, error: candidate }
    }
    return best
  }

  /** Parts per million by which the remote clock runs faster. */
  get driftPpm(): number {
    return this.drift.rate * 1e6
  }
}

function sampleOf({ departure, return: arrival, remote }: RoundTrip): Sample {
  const at = (departure + arrival) / 2
  return { at, offset: remote - at, error: (arrival - departure) / 2 }
}

/** The pair of samples that bounds the drift best; none does better than {@link MAX_DRIFT} until they are apart enough. */
function driftOf(samples: Sample[]): Drift {
  let best: Drift = { rate: 0, error: MAX_DRIFT }
  for (const [index, late] of samples.entries()) {
    for (const early of samples.slice(0, index)) {
      const distance = late.at - early.at
      const error = (late.error + early.error) / distance
      if (error < best.error) best = { rate: (late.offset - early.offset) / distance, error }
    }
  }
  return best
}
