import type { Summary } from '../../../protocol/summary'
import type { RunnerRecord } from '../collect/runner-record'
import { ratio, sum } from '../../distribution'

/** A runner's samples represent the whole measured time, however much of it they cover. */
export function machineMetrics(
  runners: readonly RunnerRecord[],
  { seconds, peerSeconds, delivered }: { seconds: number; peerSeconds: number; delivered: number }
): Summary['machine'] {
  const carriers = runners.filter(({ wasReady }) => wasReady)
  /** Null without a runner, and if one of them is unknown: its peers count too. */
  const ofAll = (combine: (values: number[]) => number, figure: (runner: RunnerRecord) => number | null) => {
    const known = carriers.map(figure).filter((value) => value !== null)
    return known.length > 0 && known.length === carriers.length ? combine(known) : null
  }
  const load = ofAll(sum, (runner) => runner.mean('browserLoad'))
  const memory = ofAll(sum, (runner) => runner.mean('browserMemory'))
  // A line through a short part of the test says nothing about the whole.
  const slope = ofAll(sum, ({ memoryTrend }) => (memoryTrend.span >= seconds / 2 ? memoryTrend.slope : null))
  const cpuMs = load === null ? null : load * seconds * 1000
  const meanPeers = ratio(peerSeconds, seconds)
  return {
    cpuUsageMax: ofAll(greatest, (runner) => runner.mean('usage')),
    throttledMax: ofAll(greatest, (runner) => runner.mean('throttled')),
    cpuMsPerPeerSecond: quotient(cpuMs, peerSeconds),
    cpuMsPerDelivered: quotient(cpuMs, delivered),
    memoryPerPeer: quotient(memory, meanPeers),
    memorySlope: quotient(slope, meanPeers)
  }
}

const greatest = (values: readonly number[]) => Math.max(...values)

function quotient(amount: number | null, parts: number | null): number | null {
  return amount !== null && parts !== null ? ratio(amount, parts) : null
}
