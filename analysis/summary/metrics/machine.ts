import type { Summary } from '../../../protocol/summary'
import type { RunnerRecord } from '../collect/runner-record'
import { ratio, sum } from '../../distribution'

/** The work done in the measured time, over which the machines' cost is divided. */
export interface Work {
  seconds: number
  peerSeconds: number
  /** First arrivals. */
  delivered: number
}

/**
 * The machines' part of the summary. A runner's samples represent the whole measured time, however much of it
 * they cover.
 */
export function machineMetrics(
  runners: readonly RunnerRecord[],
  { seconds, peerSeconds, delivered }: Work
): Summary['machine'] {
  const loads = runners.flatMap(({ browserLoad }) => browserLoad ?? [])
  const memories = runners.flatMap(({ browserMemory }) => browserMemory ?? [])
  // A line through a short part of the test says nothing about the whole.
  const slopes = runners.flatMap(({ memoryTrend }) =>
    memoryTrend.span >= seconds / 2 ? (memoryTrend.slope ?? []) : []
  )
  const cpuMs = sum(loads) * seconds * 1000
  const meanPeers = ratio(peerSeconds, seconds)
  return {
    cpuUsageMax: greatest(runners.map(({ usage }) => usage)),
    throttledMax: greatest(runners.map(({ throttled }) => throttled)),
    cpuMsPerPeerSecond: loads.length > 0 ? ratio(cpuMs, peerSeconds) : null,
    cpuMsPerDelivered: loads.length > 0 ? ratio(cpuMs, delivered) : null,
    memoryPerPeer: memories.length > 0 && meanPeers !== null ? ratio(sum(memories), meanPeers) : null,
    memorySlope:
      slopes.length > 0 && slopes.length === runners.length && meanPeers !== null
        ? ratio(sum(slopes), meanPeers)
        : null
  }
}

function greatest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length > 0 ? Math.max(...known) : null
}
