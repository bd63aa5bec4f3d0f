/**
 * Every metric of a summary by its path: the names that thresholds and comparisons accept. docs/metrics.md is
 * checked against this list.
 */
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

type Shape = Omit<MetricEntry, 'path'>

const lower = (unit: MetricUnit, description: string): Shape => ({ unit, better: 'lower', description })
const higher = (unit: MetricUnit, description: string): Shape => ({ unit, better: 'higher', description })
const neutral = (unit: MetricUnit, description: string): Shape => ({ unit, better: 'neutral', description })

function single(path: string, shape: Shape): MetricEntry[] {
  return [{ path, ...shape }]
}

const KINDS = {
  position: 'position messages',
  profile: 'profile messages',
  chat: 'chat messages',
  all: 'messages of all kinds'
}

function perKind(path: string, shape: Shape): MetricEntry[] {
  return Object.entries(KINDS).map(([kind, name]) => ({
    path: `${path}.${kind}`,
    ...shape,
    description: `${shape.description}, ${name}`
  }))
}

const PERCENTILES = { p50: 'median', p95: '95th percentile', p99: '99th percentile', max: 'greatest value' }

function distribution(path: string, shape: Shape): MetricEntry[] {
  return [
    { path: `${path}.count`, ...neutral('count', `${shape.description}: how many values`) },
    ...Object.entries(PERCENTILES).map(([point, name]) => ({
      path: `${path}.${point}`,
      ...shape,
      description: `${shape.description}: ${name}`
    }))
  ]
}

function owedDistribution(path: string, kind: string): MetricEntry[] {
  const [count, ...percentiles] = distribution(
    path,
    lower('ms', `Time from the due instant to first arrival, over all owed, ${kind}`)
  )
  const never = single(`${path}.never`, lower('count', `Messages owed that never came, ${kind}`))
  return [count!, ...never, ...percentiles]
}

export const METRICS: readonly MetricEntry[] = [
  single(
    'measured.seconds',
    neutral('s', 'Measured time: from the end of the warm-up to the end of the routines')
  ),
  single('peers.expected', neutral('count', 'Peers that the test was created for')),
  single('peers.reporting', higher('count', 'Peers that sent data')),
  single('peers.done', higher('count', 'Peers that submitted their final results')),
  single('peers.peerSeconds', neutral('s', 'Measured time × peers present')),
  perKind('sent', neutral('count', 'Sent')),
  perKind('sendRate', neutral('messages/s', 'Sent per second by a peer that sends')),
  perKind('expected', neutral('count', 'Arrivals owed: over all sent, the other peers present')),
  perKind('received', higher('count', 'First arrivals')),
  perKind('delivery', higher('ratio', 'First arrivals ÷ arrivals owed')),
  perKind('duplicates', lower('count', 'Later arrivals of the same message')),
  perKind('duplicateRatio', lower('ratio', 'Duplicates ÷ first arrivals')),
  ...Object.entries(KINDS).map(([kind, name]) =>
    distribution(`latency.${kind}`, lower('ms', `Time from sending to first arrival, ${name}`))
  ),
  ...Object.entries(KINDS).map(([kind, name]) => owedDistribution(`latencyOwed.${kind}`, name)),
  single('latencyClockError', lower('ms', "Bound on the clocks' part in any latency")),
  single(
    'negativeLatencies',
    lower('count', 'First arrivals before they were sent, by the corrected clocks')
  ),
  single('integrity.echoes', lower('count', 'Messages handed to their own sender')),
  single('integrity.altered', lower('count', 'Messages that are not what their sender sent')),
  single('integrity.unknown', lower('count', 'Messages beyond those that their senders sent')),
  distribution('hops', lower('count', 'Relays between sender and receiver')),
  single('sendErrors', lower('count', 'Messages that the library refused to send')),
  single('wire.packetsSent', lower('count', 'Packets sent on data channels')),
  single('wire.packetsReceived', lower('count', 'Packets received on data channels')),
  single('wire.bytesSent', lower('bytes', 'Bytes sent on data channels')),
  single('wire.bytesReceived', lower('bytes', 'Bytes received on data channels')),
  single(
    'wire.packetsPerMessage',
    lower('count', 'Packets received per first arrival: the overhead of the mesh')
  ),
  single('wire.packetsPerPeerSecond', lower('packets/s', 'Packets received per second and peer')),
  single('wire.bytesPerPeerSecond', lower('bytes/s', 'Bytes received per second and peer')),
  single(
    'library.sent',
    neutral('packets/s', "Packets sent per second and peer, by the library's own stats")
  ),
  single('library.received', neutral('packets/s', "Packets received, by the library's own stats")),
  single('library.relayed', neutral('packets/s', "Packets relayed, by the library's own stats")),
  single(
    'library.relevant',
    neutral('packets/s', "Packets that were for the peer, by the library's own stats")
  ),
  single('library.duplicate', lower('packets/s', "Duplicate packets, by the library's own stats")),
  single('library.expired', lower('packets/s', "Expired packets, by the library's own stats")),
  single(
    'lighthouse.messages',
    lower('messages/s', 'WebSocket messages to and from the Lighthouse per second and peer')
  ),
  single('lighthouse.bytes', lower('bytes/s', 'Bytes of those messages per second and peer')),
  single('lighthouse.requests', lower('requests/s', 'HTTP requests to the Lighthouse per second and peer')),
  single('errors.uncaught', lower('count', 'Errors in the pages that nothing caught')),
  distribution('connection.socket', lower('ms', "From a peer's making to its validated WebSocket")),
  distribution(
    'connection.joined',
    lower('ms', "From a peer's making to its layer and room, or first island")
  ),
  distribution('connection.first', lower('ms', "From a peer's making to its first open data channel")),
  distribution(
    'connection.fourth',
    lower('ms', "From a peer's making to its fourth open data channel, if it found four others")
  ),
  single('mesh.components', lower('count', 'Connected components at the end')),
  single('mesh.componentsMax', lower('count', 'Most connected components at any time')),
  single('mesh.groups', neutral('count', 'Layers or islands at the end')),
  single('mesh.timeToFullMesh', lower('ms', 'From the start to one component of all peers')),
  distribution('mesh.degree', neutral('count', 'Links of a peer at the end')),
  distribution('mesh.pathLength', lower('count', 'Links on the shortest path between two peers at the end')),
  single('mesh.asymmetricLinks', lower('count', 'Links that only one end has, at the end')),
  single(
    'mesh.relayShareGini',
    lower('ratio', 'Inequality of relaying: 0 all alike, 100% one peer does all')
  ),
  distribution('mesh.recovery', lower('ms', "From a newcomer's joining to one component of all peers")),
  distribution('links.roundTrip', lower('ms', 'Round trip of a link, by its checks of the path')),
  single('links.datagrams', neutral('count', 'Datagrams of WebRTC sent on links that were not silent')),
  single('links.packetLoss', lower('ratio', 'Share of them that did not arrive')),
  single(
    'links.overhead',
    lower('ratio', 'Bytes sent as datagrams, repeats included ÷ bytes sent on data channels')
  ),
  single('links.bufferedMax', lower('bytes', 'Most bytes that waited in the data channels of one peer')),
  single(
    'links.silentMax',
    lower('count', 'Most links in one interval on which nothing had arrived for 3 s')
  ),
  distribution(
    'outages.recovery',
    lower('ms', "From an outage's end until 99% of messages came in time again")
  ),
  single('outages.notRecovered', lower('count', 'Outages after which they did not')),
  distribution('ticks.lateness', lower('ms', 'How late the ~16 ms ticks of the pages came')),
  distribution('clock.error', lower('ms', "Error of a peer's clock estimate")),
  distribution('clock.driftPpm', lower('ppm', "Drift of a peer's clock, without its sign")),
  single('machine.cpuUsageMax', lower('ratio', "Worst runner's mean share of its cores that was busy")),
  single(
    'machine.throttledMax',
    lower('ratio', "Worst runner's mean share of scheduler periods in which it was throttled")
  ),
  single(
    'machine.cpuMsPerPeerSecond',
    lower('ms/s', "CPU time of the browsers' processes per second and peer")
  ),
  single('machine.cpuMsPerDelivered', lower('ms', "CPU time of the browsers' processes per first arrival")),
  single('machine.memoryPerPeer', lower('bytes', "Memory of the browsers' processes per peer")),
  single('machine.memorySlope', lower('bytes/s', 'Growth of that memory per second and peer')),
  single('startSkew', lower('ms', 'Between the first and the last peer’s start of its routine'))
].flat()

const BY_PATH = new Map(METRICS.map((metric) => [metric.path, metric]))

export function findMetric(path: string): MetricEntry | undefined {
  return BY_PATH.get(path)
}

/**
 * The value of a metric, null if unknown.
 * @throws RangeError if no metric has this path
 */
export function valueAt(summary: Summary, path: string): number | null {
  if (!BY_PATH.has(path)) throw new RangeError(`There is no metric ${JSON.stringify(path)}`)
  let value: unknown = summary
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null)?.[name] ?? null
  return value as number | null
}
