import type { ResultsClient } from '../../../protocol/api-client'
import type { RoundTrip } from '../../../protocol/clock/clock-estimate'
import { localTime } from '../../../protocol/clock/server-clock'

/**
 * Reads the server's clock, and when the request left and its answer came back, as precisely as the browser
 * knows. The browser's own timing (https://www.w3.org/TR/resource-timing/) excludes how long the page was
 * busy before it saw the answer: on one machine 0.5 ms instead of 5. If the server does not allow that
 * (`Timing-Allow-Origin`), the page's own view of the request counts.
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
