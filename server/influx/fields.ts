/** The InfluxDB points of each record (docs/influxdb.md). All numbers are floats, so no type changes. */
import { sum } from '../../analysis/distribution'
import { attempt } from '../../protocol/attempt'
import { Histogram } from '../../protocol/histogram'
import { LIBRARY_FIELDS, LIBRARY_SERIES, type DataPoint, type Metrics } from '../../protocol/data-point'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { StoredSample } from '../../protocol/results-document'
import { dataPointsOf, storedSampleOf, type JournalRecord, type TestSettings } from '../store/records'
import type { InfluxTarget, Point } from './connection'

type Fields = Point['fields']
type MaybeFields = Record<string, number | string | undefined>

export function pointsOf(record: JournalRecord, test: TestSettings, names?: InfluxTarget['names']): Point[] {
  if ('runner' in record) return [runnerPoint(storedSampleOf(record), test)]
  if ('created' in record) return [eventPoint('created', record.at, test)]
  if ('started' in record) return [eventPoint('started', record.started.startsAt, test)]
  if ('finished' in record) return [eventPoint('finished', record.at, test)]
  const points = dataPointsOf(record)
  const originals = names === 'original' ? points.map((point) => originalPoint(point, test)) : []
  return [...points.map((point) => peerPoint(point, test)), ...originals]
}

function peerPoint(point: DataPoint, test: TestSettings): Point {
  const { library, routine } = test.labels
  const tags = { test: test.id, peer: point.peerId, library: safeText(library), routine: safeText(routine) }
  return toPoint('peer_metrics', tags, peerFields(point.metrics), point.timestamp)
}

/** For Grafana panels of the original suite: a measurement per test, and its field names. */
function originalPoint({ peerId, metrics, timestamp }: DataPoint, test: TestSettings): Point {
  const { position: [x, y, z] = [], knownPeersCount: knownPeers, averageLatency: latency } = metrics
  const series = LIBRARY_FIELDS.map((field): [string, number | undefined] => [
    isCount(field) ? `${field}Count` : field,
    metrics[field]
  ])
  const fields = present({ ...Object.fromEntries(series), x, y, z, knownPeers, latency })
  return toPoint(`test-${test.id}`, { peer: peerId }, fields, timestamp)
}

const isCount = (field: string) => (LIBRARY_SERIES as readonly string[]).includes(field)

export function peerFields(metrics: Metrics): Fields {
  const { ticks, clock, wire, position, connections, links, hops } = metrics
  return present({
    ...Object.fromEntries(LIBRARY_FIELDS.map((field) => [field, metrics[field]])),
    ...messageFields(metrics),
    ...fieldsOf('wire', wire),
    ...(hops && { hops_direct: hops[0] ?? 0, hops_relayed: sum(hops.slice(1)) }),
    connected_peers: metrics.connectedPeers?.length,
    known_peers_count: metrics.knownPeersCount,
    average_latency: metrics.averageLatency,
    position_x: position?.[0],
    position_y: position?.[1],
    position_z: position?.[2],
    send_errors: metrics.sendErrors,
    ...fieldsOf('tick', ticks),
    ...fieldsOf('clock', { offset: clock?.offset, error: clock?.error }),
    ...fieldsOf('connections', connections),
    ...fieldsOf('links', { silent: links?.silent, buffered: links?.buffered }),
    ...fieldsOf('links_datagrams', { sent: links?.sent, received: links?.received }),
    ...latencyFields('links_round_trip', links?.roundTrip),
    group: metrics.group === undefined ? undefined : safeText(metrics.group)
  })
}

function messageFields({ messages }: Metrics): MaybeFields {
  const fields: MaybeFields = {}
  for (const kind of messages ? MESSAGE_KINDS : []) {
    const { sent, received, duplicates, latency, latencyFromDue, unsent, late } = messages![kind]
    Object.assign(fields, {
      ...fieldsOf(kind, { sent, received, duplicates, unsent, late }),
      ...latencyFields(`${kind}_latency`, latency),
      ...latencyFields(`${kind}_latency_from_due`, latencyFromDue)
    })
  }
  return fields
}

/** As `wire_sent_bytes`. */
function fieldsOf(prefix: string, values: Record<string, number | undefined> = {}): MaybeFields {
  const nameOf = (key: string) =>
    `${prefix}_${key.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`)}`
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [nameOf(key), value]))
}

/** Percentiles in ms. */
function latencyFields(prefix: string, encoded = ''): Fields {
  const histogram = attempt(() => Histogram.decode(encoded))
  if (!histogram || histogram.count === 0) return {}
  return {
    [`${prefix}_p50`]: histogram.percentile(50) / 1000,
    [`${prefix}_p95`]: histogram.percentile(95) / 1000,
    [`${prefix}_p99`]: histogram.percentile(99) / 1000,
    [`${prefix}_max`]: histogram.max / 1000
  }
}

function runnerPoint(sample: StoredSample, test: TestSettings): Point {
  const { cpu, memory, peers, tabs } = sample
  const fields = present({
    ...fieldsOf('cpu', { usage: cpu.usage, cores: cpu.cores }),
    throttled: cpu.throttled,
    browser_cpu_ms: cpu.browser,
    interval_ms: sample.interval,
    ...fieldsOf('memory', memory),
    ...fieldsOf('peers', peers),
    ...fieldsOf('tabs', tabs),
    errors: sample.errors.length,
    state: sample.state
  })
  return toPoint('runner_metrics', { test: test.id, runner: sample.runnerId }, fields, sample.timestamp)
}

function eventPoint(event: 'created' | 'started' | 'finished', at: number, test: TestSettings): Point {
  const fields = { title: `Test ${test.id} ${event}`, text: safeText(JSON.stringify(test.labels)) }
  return toPoint('test_events', { test: test.id, event }, fields, at)
}

function toPoint(measurement: string, tags: Point['tags'], fields: Fields, at: number): Point {
  return { measurement, tags, fields, timestamp: Math.round(at * 1000) }
}

/** In line protocol, a newline ends the line, and a backslash at a tag's end escapes the next character. */
export function safeText(text: string | undefined): string {
  // eslint-disable-next-line no-control-regex
  const safe = (text ?? '').replace(/[\u0000-\u001f\u007f\u2028\u2029\\]+/g, ' ').trim()
  return safe === '' ? 'unknown' : safe
}

function present(fields: MaybeFields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => typeof value === 'string' || Number.isFinite(value))
  ) as Fields
}
