/** Measures when a request left and its answer came back, as precisely as the browser knows. */
import { localTime } from '../../../protocol/clock/server-clock'

export interface TimedAnswer<T> {
  /** Local clock, in ms since 1970. */
  departure: number
  return: number
  answer: T
}

/**
 * Makes and times `request`, which must go to `url`. The browser's own timing
 * (https://www.w3.org/TR/resource-timing/) excludes how long the page was busy before it saw the answer: on
 * one machine 0.5 ms instead of 5. If the server does not allow that (`Timing-Allow-Origin`), the page's own
 * view of the request counts.
 */
export async function timedRequest<T>(url: string, request: () => Promise<T>): Promise<TimedAnswer<T>> {
  // The browser keeps 250 timings and ignores all later ones.
  performance.clearResourceTimings()
  const departure = localTime()
  const answer = await request()
  const arrival = localTime()

  const timing = performance.getEntriesByName(url, 'resource').at(-1) as PerformanceResourceTiming | undefined
  if (!timing || timing.requestStart === 0) return { departure, return: arrival, answer }
  const { timeOrigin } = performance
  return {
    departure: timeOrigin + timing.requestStart,
    return: timeOrigin + timing.responseStart,
    answer
  }
}
