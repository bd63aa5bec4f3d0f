/** What terminal, dashboard and report show of a summary: one name and one source for each figure. */
import type { Summary } from '../../protocol/summary'
import { formatAt, formatMetric, shortHash, significant } from '../format'
import { findMetric, valueAt } from '../metrics-catalog'
import { looksMet } from '../thresholds'

/** The figures that represent a whole test when space is limited. All kinds of messages together. */
export const HEADLINE = {
  delivery: 'delivery.all',
  latency: 'latency.all.p95',
  latencyMedian: 'latency.all.p50',
  latencyOwed: 'latencyOwed.all.p95',
  duplicates: 'duplicateRatio.all'
} as const

export const PERCENTILES = ['p50', 'p95', 'p99', 'max'] as const
export const KINDS = ['position', 'profile', 'chat', 'all'] as const

const DISTRIBUTIONS = {
  'connection.socket': 'socket ready after',
  'connection.joined': 'joined after',
  'connection.first': 'first connection after',
  'connection.fourth': 'fourth connection after',
  'mesh.degree': 'links of a peer',
  'mesh.pathLength': 'shortest path, links',
  hops: 'relays of a message',
  'mesh.recovery': 'recovery after a join',
  'links.roundTrip': 'round trip of a link',
  'outages.recovery': 'recovery after an outage',
  'ticks.lateness': 'tick lateness',
  'clock.error': 'clock error of a peer'
}

/** Single figures by topic: their paths and names. */
export const FACTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  mesh: {
    'mesh.components': 'components',
    'mesh.componentsMax': 'most components',
    'mesh.groups': 'groups',
    'mesh.timeToFullMesh': 'all peers connected',
    'mesh.asymmetricLinks': 'one-sided links',
    'mesh.relayShareGini': 'relay inequality'
  },
  wire: {
    'wire.packetsPerMessage': 'packets per message',
    'wire.packetsPerPeerSecond': 'packets per peer',
    'wire.bytesPerPeerSecond': 'bytes per peer',
    sendErrors: 'send errors'
  },
  links: {
    'links.datagrams': 'datagrams sent',
    'links.packetLoss': 'datagrams lost',
    'links.overhead': 'datagram bytes per channel byte',
    'links.bufferedMax': 'most bytes waiting',
    'links.silentMax': 'most silent links',
    'outages.notRecovered': 'outages not recovered from'
  },
  library: {
    'library.sent': 'sent',
    'library.received': 'received',
    'library.relayed': 'relayed',
    'library.duplicate': 'duplicate',
    'library.expired': 'expired',
    'errors.uncaught': 'uncaught errors'
  },
  lighthouse: {
    'lighthouse.messages': 'messages per peer',
    'lighthouse.bytes': 'bytes per peer',
    'lighthouse.requests': 'requests per peer'
  },
  machine: {
    'machine.cpuUsageMax': 'CPU of the busiest runner',
    'machine.throttledMax': 'throttled',
    'machine.cpuMsPerPeerSecond': 'CPU per peer',
    'machine.cpuMsPerDelivered': 'CPU per arrival',
    'machine.memoryPerPeer': 'memory per peer',
    'machine.memorySlope': 'growth of memory per peer'
  },
  clocks: { latencyClockError: 'clock error between peers', startSkew: 'start skew' }
}

/** Without final results, the data points tell what older clients do not count. */
export const areCounted = ({ peers, sent, received, sendErrors }: Summary): boolean =>
  [peers.done, sent.all, received.all, sendErrors].some((count) => count > 0)

/** Each build once: with the start of its content's hash if builds differ that have the same version. */
export function libraryNames({ provenance: { libraries } }: Pick<Summary, 'provenance'>): string[] {
  const versions = new Set(libraries.map(({ name, version }) => `${name}@${version}`))
  const builds = new Set(libraries.map(buildName))
  return [...(builds.size > versions.size ? builds : versions)]
}

export function buildName({ name, version, integrity }: Summary['provenance']['libraries'][number]): string {
  return `${name}@${version}${integrity === undefined ? '' : ` (${shortHash(integrity)})`}`
}

export function knownFacts(summary: Summary, figures: Readonly<Record<string, string>>) {
  return Object.entries(figures)
    .filter(([path]) => valueAt(summary, path) !== null && (path !== 'sendErrors' || areCounted(summary)))
    .map(([path, name]) => ({ path, name, value: factAt(summary, path) }))
}

/** Peers usually connect before the start. */
function factAt(summary: Summary, path: string): string {
  const text = formatAt(summary, path)
  if (path !== 'mesh.timeToFullMesh') return text
  return valueAt(summary, path) === 0 ? 'from the start' : `after ${text}`
}

/** Networks other than the machine's own, or a simulation's, each once: runners nearly always share one. */
export function networksOf({ provenance }: Pick<Summary, 'provenance'>): string[] {
  const networks = provenance.runners.map(({ network, pooledRates, peersPerTab }) =>
    network !== undefined && pooledRates ? `${network}, its rates pooled over ${peersPerTab} peers` : network
  )
  return [...new Set([provenance.network, ...networks])].filter((network) => network !== undefined)
}

/** Whether the test ran in virtual time, in which case machine and clock figures mean nothing. */
export const isSimulated = ({ provenance }: Summary): boolean => provenance.engine === 'simulation'

const OF_MACHINES: readonly string[] = ['ticks.lateness', 'clock.error']

export function knownDistributions(summary: Summary) {
  return Object.entries(DISTRIBUTIONS)
    .filter(
      ([path]) =>
        valueAt(summary, `${path}.count`) !== null && !(isSimulated(summary) && OF_MACHINES.includes(path))
    )
    .map(([path, name]) => ({
      path,
      name,
      cells: ['count', ...PERCENTILES].map((point) => formatAt(summary, `${path}.${point}`))
    }))
}

export function shownThreshold({ expression, metric, value, passed, reason }: Summary['thresholds'][number]) {
  const unit = findMetric(metric)?.unit
  const mark = passed ? 'met' : 'missed'
  if (value === null || unit === undefined) return { mark, found: reason ?? 'unknown' }
  const found = formatMetric(value, unit)
  return { mark, found: looksMet(expression, found) === passed ? found : `${found} (${value})` }
}

export const measuredTime = ({ measured }: Summary): string => `${significant(measured.seconds)} s`
