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
  const load = ofAll(sum, carriers.map((runner) => runner.mean('browserLoad')))
  const memory = ofAll(sum, carriers.map((runner) => runner.mean('browserMemory')))
  // A line through a short part of the test says nothing about the whole.
  const slope = ofAll(
    sum,
    carriers.map(({ memoryTrend }) => (memoryTrend.span >= seconds / 2 ? memoryTrend.slope : null))
  )
  const cpuMs = load === null ? null : load * seconds * 1000
  const meanPeers = ratio(peerSeconds, seconds)
  return {
    cpuUsageMax: ofAll(greatest, carriers.map((runner) => runner.mean('usage'))),
    throttledMax: ofAll(greatest, carriers.map((runner) => runner.mean('throttled'))),
    cpuMsPerPeerSecond: quotient(cpuMs, peerSeconds),
    cpuMsPerDelivered: quotient(cpuMs, delivered),
    memoryPerPeer: quotient(memory, meanPeers),
    memorySlope: quotient(slope, meanPeers)
  }
}

/** Null without a value, and if one of them is unknown: its runner's peers count too. */
function ofAll(combine: (values: number[]) => number, values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 && known.length === values.length ? combine(known) : null
}

const greatest = (values: readonly number[]) => Math.max(...values)

function quotient(amount: number | null, parts: number | null): number | null {
  return amount !== null && parts !== null ? ratio(amount, parts) : null
}
