import { findMetric, type MetricEntry } from '../metrics-catalog'
import type { Direction, Metric } from '../statistics/metric'

export const DEFAULT_PRIMARY = 'latency.position.p95'

/** Kept short, because all share a 5% false-alarm rate: each one makes the others harder to detect. */
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

/**
 * Figures that have a ceiling, or that may well be 0 or less: by difference, with the margin in their own
 * unit (0.005 is half a percentage point). Equal runs differ in the growth of memory by a megabyte per
 * second, so no useful margin exists: it is never "the same".
 */
const DIFFERENCES: readonly { prefix: string; margin: number }[] = [
  { prefix: 'delivery.', margin: 0.005 },
  { prefix: 'machine.cpuUsageMax', margin: 0.02 },
  { prefix: 'machine.throttledMax', margin: 0.02 },
  { prefix: 'machine.memorySlope', margin: 0 },
  { prefix: 'mesh.relayShareGini', margin: 0.02 }
]

/** Largest ratio that does not matter. With one seed, counted metrics repeat exactly; timed ones never do. */
const MARGINS = { counted: 0.005, timed: 0.03 }

/** Whether a metric depends on the machine's speed, and therefore on what else runs on it. */
export function isTimed({ path, unit }: Pick<MetricEntry, 'path' | 'unit'>): boolean {
  return unit === 'ms' || unit === 's' || unit === 'ms/s' || unit === 'ppm' || path.startsWith('machine.')
}

/**
 * @param margin largest ratio that does not matter; by default 0.5% for counted and 3% for timed metrics
 * @throws RangeError if no metric has this path
 */
export function comparedMetric(path: string, margin?: number | null): Metric & { entry: MetricEntry } {
  const entry = findMetric(path)
  if (!entry) throw new RangeError(`There is no metric "${path}": docs/metrics.md lists them`)
  const direction: Direction = entry.better === 'neutral' ? 'neutral' : `${entry.better} is better`
  const shared = { name: path, direction, entry }
  const difference = DIFFERENCES.find(({ prefix }) => path.startsWith(prefix))
  return difference
    ? { ...shared, scale: 'difference', margin: difference.margin }
    : { ...shared, scale: 'ratio', margin: margin ?? MARGINS[isTimed(entry) ? 'timed' : 'counted'] }
}
