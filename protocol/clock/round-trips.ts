/** Reads a remote clock in bursts of round trips, more often while less is known about its drift. */
import { ClockEstimate, driftOf, type RoundTrip } from './clock-estimate'
import type { ClockSource } from './server-clock'

const BURST_LENGTH = 8
const PAUSE_MS = 20
/** Time between bursts: `first` until the drift is known to within this many ppm, `then` afterwards. */
const KNOWN_DRIFT_PPM = 10
const BURST_EVERY_MS = { first: 1000, then: 10_000 }

/**
 * `isOneKernel`: whether the remote clock is of this machine's kernel, asked after the first burst. If so,
 * that burst tells all, and single round trips check it.
 */
export function byRoundTrips(readRemote: () => Promise<RoundTrip>, isOneKernel = () => false): ClockSource {
  const estimate = new ClockEstimate()
  let isFirst = true
  return async () => {
    const { errorPpm } = driftOf(estimate.bound)
    if (!isFirst) await idle(errorPpm < KNOWN_DRIFT_PPM ? BURST_EVERY_MS.then : BURST_EVERY_MS.first)
    await burst(estimate, readRemote, errorPpm === 0 ? 1 : BURST_LENGTH)
    if (isFirst && isOneKernel()) estimate.assumeNoDrift()
    isFirst = false
    return estimate.bound
  }
}

/** Rejects if no round trip succeeds. */
async function burst(estimate: ClockEstimate, readRemote: () => Promise<RoundTrip>, length: number) {
  let failure: unknown
  let succeeded = 0
  for (let i = 0; i < length; i++) {
    if (i > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    try {
      estimate.add(await readRemote())
      succeeded++
    } catch (error) {
      failure = error
    }
  }
  if (succeeded === 0) throw failure
}

/** Does not keep a Node process alive, unlike a burst: somebody may wait for the first one. */
function idle(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, milliseconds)
    if (typeof timer === 'object') (timer as NodeJS.Timeout).unref()
  })
}
