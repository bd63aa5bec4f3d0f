import type { Summary } from '../../../protocol/summary'
import type { RunnerRecord } from '../collect/runner-record'
import { ratio, sum } from '../../distribution'

/**
 * A runner's samples represent the whole measured time, however much of it they cover. The machines' cost is
 * divided by what was done in it.
 * @param delivered first arrivals
 */
export function machineMetrics(
  runners: readonly RunnerRecord[],
  { seconds, peerSeconds, delivered }: { seconds: number; peerSeconds: number; delivered: number }
): Summary['machine'] {
  const carriers = runners.filter(({ wasReady }) => wasReady)
  const load = total(carriers.map((runner) => runner.mean('browserLoad')))
  const memory = total(carriers.map((runner) => runner.mean('browserMemory')))
  // A line through a short part of the test says nothing about the whole.
  const slope = total(
    carriers.map(({ memoryTrend }) => (memoryTrend.span >= seconds / 2 ? memoryTrend.slope : null))
  )
  const cpuMs = load === null ? null : load * seconds * 1000
  const meanPeers = ratio(peerSeconds, seconds)
  return {
    cpuUsageMax: greatest(allKnown(carriers.map((runner) => runner.mean('usage')))),
    throttledMax: greatest(allKnown(carriers.map((runner) => runner.mean('throttled')))),
    cpuMsPerPeerSecond: quotient(cpuMs, peerSeconds),
    cpuMsPerDelivered: quotient(cpuMs, delivered),
    memoryPerPeer: quotient(memory, meanPeers),
    memorySlope: quotient(slope, meanPeers)
  }
}

function total(values: readonly (number | null)[]): number | null {
  const known = allKnown(values)
  return known.length > 0 ? sum(known) : null
}

/** None if one of them is unknown: its runner's peers count too. */
function allKnown(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null)
  return known.length === values.length ? known : []
}

function quotient(amount: number | null, parts: number | null): number | null {
  return amount !== null && parts !== null ? ratio(amount, parts) : null
}

function greatest(values: readonly number[]): number | null {
  return values.length > 0 ? Math.max(...values) : null
}
