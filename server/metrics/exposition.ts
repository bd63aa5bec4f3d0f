/**
 * What Prometheus reads at `GET /metrics`. Names and units follow prometheus.io/docs/practices/naming. No
 * label names a peer: each would be a series of its own.
 */
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { Services } from '../routes/services'
import { LATENCY_EDGES, TestFigures } from './test-figures'

interface Value {
  labels?: Record<string, string | number>
  value: number
  metricName?: string
}

export class Exposition {
  private registry: Registry | undefined

  constructor(private readonly services: Services) {}

  get contentType(): string {
    return Registry.PROMETHEUS_CONTENT_TYPE
  }

  text(): Promise<string> {
    return (this.registry ??= this.register()).metrics()
  }

  private register(): Registry {
    const registry = new Registry()
    collectDefaultMetrics({ register: registry })
    const add: Add = (type, name, help, values) => {
      const full = `catalyst_peer_${name}`
      const get = () => Promise.resolve({ name: full, help, type, values: values(), aggregator: 'sum' })
      registry.registerMetric({ name: full, get } as unknown as Metric)
    }
    this.addServer(add)
    this.addTests(add)
    return registry
  }

  private addServer(add: Add): void {
    const { store, events, relay, durability, version } = this.services
    const one = (value: number) => [{ value }]
    add('gauge', 'server_info', 'The results server.', () => [{ labels: { version, durability }, value: 1 }])
    add('gauge', 'tests', 'Tests by state.', () =>
      Object.entries(store.countByState()).map(([state, value]) => ({ labels: { state }, value }))
    )
    add('counter', 'data_points_total', 'Data points accepted.', () => one(store.counters.points))
    add('counter', 'duplicate_data_points_total', 'Data points that had come before.', () =>
      one(store.counters.duplicates)
    )
    add('counter', 'journal_written_bytes_total', 'Bytes written to journals.', () =>
      one(store.counters.bytes)
    )
    add('gauge', 'event_streams', 'Event streams that are open.', () => one(events.openStreams))
    if (!relay) return
    add('gauge', 'relay_connected', 'Whether the last write to InfluxDB succeeded.', () =>
      one(Number(relay.status().connected))
    )
    add('gauge', 'relay_lag_bytes', 'Bytes of journals that are not relayed yet.', () =>
      one(relay.status().lagBytes)
    )
    add('counter', 'relay_points_total', 'Points relayed to InfluxDB, by what became of them.', () => {
      const { written, dropped } = relay.status()
      return Object.entries({ written, dropped }).map(([result, value]) => ({ labels: { result }, value }))
    })
  }

  private addTests(add: Add): void {
    const { store } = this.services
    const each = (values: (figures: ReturnType<TestFigures['of']>[number]) => Value[]) => () =>
      this.services.figures
        .of(store.liveTests)
        .flatMap((figures) =>
          values(figures).map((value) => ({ ...value, labels: { test: figures.test.id, ...value.labels } }))
        )
    const kinds = (name: 'sent' | 'delivered' | 'duplicates') =>
      each((figures) => MESSAGE_KINDS.map((kind) => ({ labels: { kind }, value: figures.kinds[kind][name] })))
    const wire = (name: 'sent' | 'received' | 'sentBytes' | 'receivedBytes') =>
      each((figures) => [{ value: figures.wire[name] }])

    add(
      'gauge',
      'test_info',
      'A test and its labels.',
      each(({ test }) => {
        const { build = '', library = '', routine = '' } = test.model.settings.labels
        return [{ labels: { build, library, routine }, value: 1 }]
      })
    )
    add(
      'gauge',
      'peers',
      'Peers of a test that are ready, report, and have submitted their results.',
      each(({ test }) =>
        Object.entries(test.state().peers).map(([state, value]) => ({ labels: { state }, value }))
      )
    )
    add(
      'gauge',
      'runners',
      'Runners of a test that have not ended, by whether they still report.',
      each(({ test }) =>
        Object.entries(test.countRunners()).map(([state, value]) => ({ labels: { state }, value }))
      )
    )
    add(
      'gauge',
      'runner_cpu_max_ratio',
      'Busy share of its cores, of the busiest runner of a test.',
      each(({ cpu }) => (cpu.size === 0 ? [] : [{ value: Math.max(...cpu.values()) }]))
    )
    add('counter', 'messages_sent_total', 'Messages sent.', kinds('sent'))
    add('counter', 'messages_delivered_total', 'First arrivals of messages.', kinds('delivered'))
    add('counter', 'messages_duplicate_total', 'Later arrivals of messages.', kinds('duplicates'))
    add('counter', 'data_channel_sent_packets_total', 'Packets sent on data channels.', wire('sent'))
    add('counter', 'data_channel_received_packets_total', 'Packets received on them.', wire('received'))
    add('counter', 'data_channel_sent_bytes_total', 'Bytes sent on data channels.', wire('sentBytes'))
    add('counter', 'data_channel_received_bytes_total', 'Bytes received on them.', wire('receivedBytes'))
    add(
      'histogram',
      'message_latency_seconds',
      'Latency of first arrivals.',
      each(({ kinds }) => MESSAGE_KINDS.flatMap((kind) => latencyValues(kind, kinds[kind])))
    )
  }
}

type Add = (
  type: 'counter' | 'gauge' | 'histogram',
  name: string,
  help: string,
  values: () => Value[]
) => void

/** Cumulative, as Prometheus expects them. */
function latencyValues(kind: string, figures: { latencies: Float64Array; latencySum: number }): Value[] {
  const name = 'catalyst_peer_message_latency_seconds'
  let count = 0
  const buckets = [...LATENCY_EDGES, '+Inf'].map((le, index) => {
    count += figures.latencies[index]!
    return { metricName: `${name}_bucket`, labels: { kind, le }, value: count }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { kind }, value: figures.latencySum },
    { metricName: `${name}_count`, labels: { kind }, value: count }
  ]
}
