/** What Prometheus reads (prometheus.io/docs/practices/naming). Labels name no peers: too many series. */
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client'
import type { Services } from '../routes/services'
import { LATENCY_EDGES, type Figures } from './test-figures'

interface Value {
  labels?: Record<string, string | number>
  value: number
  metricName?: string
}
type Described<Of extends unknown[]> = [name: string, help: string, values: (...of: Of) => Value[]]

export function registryOf(services: Services): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const ofTests = TEST_METRICS.map(([name, help, values]): Described<[]> => {
    const ofTest = (figures: Figures) =>
      values(figures).map((value) => ({ ...value, labels: { test: figures.test.id, ...value.labels } }))
    return [name, help, () => services.figures.of(services.store.liveTests).flatMap(ofTest)]
  })
  for (const [suffix, help, values] of [...serverMetrics(services), ...ofTests]) {
    const name = PREFIX + suffix
    const type = name.endsWith('_total') ? 'counter' : name === LATENCY ? 'histogram' : 'gauge'
    const get = () => Promise.resolve({ name, help, type, values: values(), aggregator: 'sum' })
    registry.registerMetric({ name, get } as unknown as Metric)
  }
  return registry
}

const PREFIX = 'catalyst_peer_'
const LATENCY = `${PREFIX}message_latency_seconds`

const one = (value: number): Value[] => [{ value }]
const by = (label: string, values: Record<string, number>): Value[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }))
const byKind =
  (name: 'sent' | 'received' | 'duplicates') =>
  ({ kinds }: Figures) =>
    kinds.map(({ kind, counts }) => ({ labels: { kind }, value: counts[name] }))

function serverMetrics({ store, events, relay, durability, version }: Services): Described<[]>[] {
  const { counters } = store
  const ofRelay: Described<[]>[] = relay
    ? [
        ['relay_connected', 'Whether the last write succeeded.', () => one(Number(relay.status().connected))],
        ['relay_lag_bytes', 'Journals that are not relayed yet.', () => one(relay.status().lagBytes)],
        ['relay_written_points_total', 'Points in InfluxDB.', () => one(relay.status().written)],
        ['relay_dropped_points_total', 'Points that InfluxDB refused.', () => one(relay.status().dropped)]
      ]
    : []
  return [
    ['server_info', 'The results server.', () => [{ labels: { version, durability }, value: 1 }]],
    ['tests', 'Tests by state.', () => by('state', store.countByState())],
    ['data_points_total', 'Data points accepted.', () => one(counters.points)],
    ['duplicate_data_points_total', 'Data points that had come before.', () => one(counters.duplicates)],
    ['journal_written_bytes_total', 'Bytes written to journals.', () => one(counters.bytes)],
    ['event_streams', 'Event streams that are open.', () => one(events.openStreams)],
    ...ofRelay
  ]
}

const TEST_METRICS: Described<[Figures]>[] = [
  ['test_info', 'A test and its labels.', ({ test }) => [{ labels: namesOf(test), value: 1 }]],
  ['peers', 'Ready, reporting, and done.', ({ test }) => by('state', test.state().peers)],
  ['runners', 'Those that have not ended.', ({ test }) => by('state', { ...test.countRunners() })],
  [
    'runner_cpu_max_ratio',
    'Busy share of its cores, of the busiest runner.',
    ({ cpu }) => (cpu.size === 0 ? [] : one(Math.max(...cpu.values())))
  ],
  ['messages_sent_total', 'Messages sent.', byKind('sent')],
  ['messages_delivered_total', 'First arrivals of messages.', byKind('received')],
  ['messages_duplicate_total', 'Later arrivals of messages.', byKind('duplicates')],
  ['data_channel_sent_packets_total', 'On data channels.', ({ wire }) => one(wire.sent)],
  ['data_channel_received_packets_total', 'On data channels.', ({ wire }) => one(wire.received)],
  ['data_channel_sent_bytes_total', 'On data channels.', ({ wire }) => one(wire.sentBytes)],
  ['data_channel_received_bytes_total', 'On data channels.', ({ wire }) => one(wire.receivedBytes)],
  ['message_latency_seconds', 'Of first arrivals.', ({ kinds }) => kinds.flatMap(latenciesOf)]
]

function namesOf({ model }: Figures['test']): Record<string, string> {
  const { build = '', library = '', routine = '' } = model.settings.labels
  return { build, library, routine }
}

/** Cumulative, as Prometheus expects them. */
function latenciesOf({ kind, latencies, seconds }: Figures['kinds'][number]): Value[] {
  let count = 0
  const buckets = LATENCY_EDGES.map((edge, index) => {
    count += latencies[index]!
    const le = edge === Infinity ? '+Inf' : edge
    return { metricName: `${LATENCY}_bucket`, labels: { kind, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${LATENCY}_sum`, labels: { kind }, value: seconds },
    { metricName: `${LATENCY}_count`, labels: { kind }, value: count }
  ]
}
