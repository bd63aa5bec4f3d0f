/** How the metrics of a summary are compared. */
import { findMetric, type MetricEntry } from '../metrics-catalog'
import type { Metric } from '../statistics'

export const DEFAULT_PRIMARY = 'latency.position.p95'

/** Few, because all of them share 5 % of false alarms: each one more makes the others harder to see. */
export const DEFAULT_SECONDARY: readonly string[] = [
  'latency.position.p50',
  'latency.position.p99',
  'delivery.position',
  'duplicateRatio.all',
  'wire.packetsPerMessage',
  'wire.bytesPerPeerSecond',
  'connection.first.p95',
  'machine.cpuMsPerPeerSecond',
  'machine.memoryPerPeer'
]

/** Shares with a ceiling, or that may well be 0: compared by difference; the margin is in their unit, where 0.005 is half a point. */
const DIFFERENCES: readonly { prefix: string; margin: number }[] = [
  { prefix: 'delivery.', margin: 0.005 },
  { prefix: 'machine.cpuUsageMax', margin: 0.02 },
  { prefix: 'machine.throttledMax', margin: 0.02 },
  { prefix: 'mesh.relayShareGini', margin: 0.02 }
]

const DIRECTIONS = { lower: 'lower is better', higher: 'higher is better', neutral: 'neutral' } as const

/**
 * The metric as the statistics take it. `margin` is the largest ratio that does not matter (0.03 is 3 %), for metrics compared by ratio.
 * @throws RangeError where no metric has this path
 */
export function comparedMetric(path: string, margin: number): Metric & { entry: MetricEntry } {
  const entry = findMetric(path)
  if (!entry) throw new RangeError(`There is no metric "${path}": docs/metrics.md lists them`)
  const shared = { name: path, direction: DIRECTIONS[entry.better], entry }
  const difference = DIFFERENCES.find(({ prefix }) => path.startsWith(prefix))
  return difference
    ? { ...shared, scale: 'difference', margin: difference.margin }
    : { ...shared, scale: 'ratio', margin }
}
