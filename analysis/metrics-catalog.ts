/** Every metric by its path, as thresholds and comparisons name it. docs/metrics.md is checked against it. */
import type { Summary } from '../protocol/summary'

/** `ratio` is a share, shown in %. The description of a `count` says what it counts. */
export type MetricUnit =
  | 'ms'
  | 's'
  | 'ratio'
  | 'count'
  | 'bytes'
  | 'bytes/s'
  | 'packets/s'
  | 'messages/s'
  | 'requests/s'
  | 'ms/s'
  | 'ppm'

export interface MetricEntry {
  /** For example `latency.position.p95`. */
  path: string
  unit: MetricUnit
  better: 'lower' | 'higher' | 'neutral'
  description: string
}

const entry =
  (better: MetricEntry['better']) =>
  (path: string, unit: MetricUnit, description: string): MetricEntry => ({ path, unit, better, description })
const lower = entry('lower')
const higher = entry('higher')
const neutral = entry('neutral')

const KINDS = {
  position: 'position messages',
  profile: 'profile messages',
  chat: 'chat messages',
  all: 'messages of all kinds'
}
const POINTS = { p50: 'median', p95: '95th percentile', p99: '99th percentile', max: 'greatest value' }

function ofEachKind(metric: MetricEntry): MetricEntry[] {
  if (!metric.path.includes('KIND')) return [metric]
  return Object.entries(KINDS).map(([kind, name]) => ({
    ...metric,
    path: metric.path.replace('KIND', kind),
    description: `${metric.description}, ${name}`
  }))
}

function ofEachPoint(metric: MetricEntry): MetricEntry[] {
  const { path, description } = metric
  if (!path.endsWith('POINT')) return [metric]
  return [
    neutral(path.replace('POINT', 'count'), 'count', `${description}: how many values`),
    ...Object.entries(POINTS).map(([point, name]) => ({
      ...metric,
      path: path.replace('POINT', point),
      description: `${description}: ${name}`
    }))
  ]
}

/** `KIND` stands for each kind of messages, `POINT` for each figure of a distribution. */
const FAMILIES: readonly MetricEntry[] = [
  neutral('measured.seconds', 's', 'Measured time: from the end of the warm-up to the end of the routines'),
  neutral('peers.expected', 'count', 'Peers that the test was created for'),
  higher('peers.reporting', 'count', 'Peers that sent data'),
  higher('peers.done', 'count', 'Peers that submitted their final results'),
  neutral('peers.peerSeconds', 's', 'Measured time × peers present'),
  neutral('sent.KIND', 'count', 'Sent'),
  neutral('sendRate.KIND', 'messages/s', 'Sent per second by a peer that sends'),
  neutral('expected.KIND', 'count', 'Arrivals owed: over all sent, the other peers present'),
  higher('received.KIND', 'count', 'First arrivals'),
  higher('delivery.KIND', 'ratio', 'First arrivals ÷ arrivals owed'),
  lower('duplicates.KIND', 'count', 'Later arrivals of the same message'),
  lower('duplicateRatio.KIND', 'ratio', 'Duplicates ÷ first arrivals'),
  lower('latency.KIND.POINT', 'ms', 'Time from sending to first arrival'),
  lower('latencyOwed.KIND.POINT', 'ms', 'Time from the due instant to first arrival, over all owed'),
  lower('latencyOwed.KIND.never', 'count', 'Messages owed that never came'),
  lower('latencyClockError', 'ms', "Bound on the clocks' part in any latency"),
  lower('negativeLatencies', 'count', 'First arrivals before they were sent, by the corrected clocks'),
  lower('integrity.echoes', 'count', 'Messages handed to their own sender'),
  lower('integrity.altered', 'count', 'Messages that are not what their sender sent'),
  lower('integrity.unknown', 'count', 'Messages beyond those that their senders sent'),
  lower('hops.POINT', 'count', 'Relays between sender and receiver'),
  lower('sendErrors', 'count', 'Messages that the library refused to send'),
  lower('wire.packetsSent', 'count', 'Packets sent on data channels'),
  lower('wire.packetsReceived', 'count', 'Packets received on data channels'),
  lower('wire.bytesSent', 'bytes', 'Bytes sent on data channels'),
  lower('wire.bytesReceived', 'bytes', 'Bytes received on data channels'),
  lower('wire.packetsPerMessage', 'count', 'Packets received per first arrival: the overhead of the mesh'),
  lower('wire.packetsPerPeerSecond', 'packets/s', 'Packets received per second and peer'),
  lower('wire.bytesPerPeerSecond', 'bytes/s', 'Bytes received per second and peer'),
  neutral('library.sent', 'packets/s', "Packets sent per second and peer, by the library's own stats"),
  neutral('library.received', 'packets/s', "Packets received, by the library's own stats"),
  neutral('library.relayed', 'packets/s', "Packets relayed, by the library's own stats"),
  neutral('library.relevant', 'packets/s', "Packets that were for the peer, by the library's own stats"),
  lower('library.duplicate', 'packets/s', "Duplicate packets, by the library's own stats"),
  lower('library.expired', 'packets/s', "Expired packets, by the library's own stats"),
  lower(
    'lighthouse.messages',
    'messages/s',
    'WebSocket messages to and from the Lighthouse per second and peer'
  ),
  lower('lighthouse.bytes', 'bytes/s', 'Bytes of those messages per second and peer'),
  lower('lighthouse.requests', 'requests/s', 'HTTP requests to the Lighthouse per second and peer'),
  lower('errors.uncaught', 'count', 'Errors in the pages that nothing caught'),
  lower('connection.socket.POINT', 'ms', "From a peer's making to its validated WebSocket"),
  lower('connection.joined.POINT', 'ms', "From a peer's making to its layer and room, or first island"),
  lower('connection.first.POINT', 'ms', "From a peer's making to its first open data channel"),
  lower(
    'connection.fourth.POINT',
    'ms',
    "From a peer's making to its fourth open data channel, if it found four others"
  ),
  lower('mesh.components', 'count', 'Connected components at the end'),
  lower('mesh.componentsMax', 'count', 'Most connected components at any time'),
  neutral('mesh.groups', 'count', 'Layers or islands at the end'),
  lower('mesh.timeToFullMesh', 'ms', 'From the start to a whole mesh'),
  neutral('mesh.degree.POINT', 'count', 'Links of a peer at the end'),
  lower('mesh.pathLength.POINT', 'count', 'Links on the shortest path between two peers at the end'),
  lower('mesh.asymmetricLinks', 'count', 'Links that only one end has, at the end'),
  lower('mesh.relayShareGini', 'ratio', 'Inequality of relaying: 0 all alike, near 100% one does all'),
  lower('mesh.recovery.POINT', 'ms', "From a newcomer's joining to a whole mesh"),
  lower('links.roundTrip.POINT', 'ms', 'Round trip of a link, by its checks of the path'),
  neutral('links.datagrams', 'count', 'Datagrams of WebRTC sent on links that were not silent'),
  lower('links.packetLoss', 'ratio', 'Share of them that did not arrive'),
  lower('links.overhead', 'ratio', 'Bytes sent as datagrams, repeats included ÷ bytes sent on data channels'),
  lower('links.bufferedMax', 'bytes', 'Most bytes that waited in the data channels of one peer'),
  lower('links.silentMax', 'count', 'Most links in one interval on which nothing had arrived for 3 s'),
  lower('outages.recovery.POINT', 'ms', "From an outage's end until 99% of messages came in time again"),
  lower('outages.notRecovered', 'count', 'Outages after which they did not'),
  lower('ticks.lateness.POINT', 'ms', 'How late the ~16 ms ticks of the pages came'),
  lower('clock.error.POINT', 'ms', "Error of a peer's clock estimate"),
  lower('clock.driftPpm.POINT', 'ppm', "Drift of a peer's clock, without its sign"),
  lower('machine.cpuUsageMax', 'ratio', "Worst runner's mean share of its cores that was busy"),
  lower(
    'machine.throttledMax',
    'ratio',
    "Worst runner's mean share of scheduler periods in which it was throttled"
  ),
  lower('machine.cpuMsPerPeerSecond', 'ms/s', "CPU time of the browsers' processes per second and peer"),
  lower('machine.cpuMsPerDelivered', 'ms', "CPU time of the browsers' processes per first arrival"),
  lower('machine.memoryPerPeer', 'bytes', "Memory of the browsers' processes per peer"),
  lower('machine.memorySlope', 'bytes/s', 'Growth of that memory per second and peer'),
  lower('startSkew', 'ms', 'Between the first and the last peer’s start of its routine')
]

export const METRICS: readonly MetricEntry[] = FAMILIES.flatMap(ofEachKind).flatMap(ofEachPoint)

const BY_PATH = new Map(METRICS.map((metric) => [metric.path, metric]))

export const findMetric = (path: string): MetricEntry | undefined => BY_PATH.get(path)

/** Null if unknown. Throws RangeError if no metric has this path. */
export function valueAt(summary: Summary, path: string): number | null {
  if (!BY_PATH.has(path)) throw new RangeError(`There is no metric ${JSON.stringify(path)}`)
  let value: unknown = summary
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null)?.[name] ?? null
  return value as number | null
}
