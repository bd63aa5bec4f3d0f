/** The results server's clock for this page: its runner's estimate, or its own. */
import type { ResultsClient } from '../protocol/api-client'
import type { OffsetBound, RoundTrip } from '../protocol/clock/clock-estimate'
import { agree, byRoundTrips, bySharing, localTime, ServerClock } from '../protocol/clock/server-clock'
import { readAhead } from '../protocol/clock/system-clock'

/** Browsers round to 0.1 ms, and a page notices a new millisecond only as promptly as its thread allows. */
const SAME_CLOCK_MS = 1

/** Of this page's own estimate, and of its own clock. */
export const OWN_ID = Math.random().toString(36).slice(2)

/** Resolves when the offset is known. Rejects if the server cannot be asked. */
export async function pageClock(client: ResultsClient): Promise<ServerClock> {
  const source = byRoundTrips(() => readServerTime(client))
  const own = await source()
  const shared = await sharedClock(own)
  const clock = shared ?? new ServerClock(OWN_ID, source)
  // The next reading of its own takes a second or more.
  await clock.start(shared ? undefined : own)
  return clock
}

/**
 * The browser's own timing (https://www.w3.org/TR/resource-timing/) excludes how long the page was busy: 0.5
 * ms instead of 5. Without `Timing-Allow-Origin`, the page's own view of the request counts.
 */
export async function readServerTime(client: ResultsClient): Promise<RoundTrip> {
  // The browser keeps 250 timings and ignores all later ones.
  performance.clearResourceTimings()
  const departure = localTime()
  const { now: remote } = await client.time()
  const arrival = localTime()

  const url = `${client.url}/time`
  const timing = performance.getEntriesByName(url, 'resource').at(-1) as PerformanceResourceTiming | undefined
  if (!timing || timing.requestStart === 0) return { departure, return: arrival, remote }
  const { timeOrigin } = performance
  return { departure: timeOrigin + timing.requestStart, return: timeOrigin + timing.responseStart, remote }
}

/** Undefined if no runner shares its estimate, or if its clock is not this page's, which `own` estimates. */
async function sharedClock(own: OffsetBound): Promise<ServerClock | undefined> {
  const { nextServerClock } = window
  if (!nextServerClock) return undefined
  const { id, bound, ahead } = await nextServerClock()
  if (!agree(own, bound, localTime())) return undefined
  // Round trips over a distance are too coarse to show that it is another machine's clock.
  if (ahead !== undefined && Math.abs(readAhead(localTime) - ahead) > SAME_CLOCK_MS) return undefined
  return new ServerClock(id, bySharing(nextServerClock))
}
