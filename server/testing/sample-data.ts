/** Data for tests and benchmarks, of the size and shape that real peers send. */
import { Histogram } from '../../protocol/histogram'
import { LIBRARY_FIELDS, MESSAGE_KINDS, type BatchPoint, type Metrics } from '../../protocol/data-point'
import type { PeerResults } from '../../protocol/peer-results'
import type { RunnerSample } from '../../protocol/runner-sample'

/** About 2 KB of JSON with every metric of the contract. Values vary with the sequence. */
export function samplePoint(peerId: string, sequence: number): BatchPoint {
  return { peerId, sequence, ...sampleMetrics(sequence) }
}

function sampleMetrics(sequence: number): Metrics {
  const library = Object.fromEntries(
    LIBRARY_FIELDS.map((field, index) => [
      field,
      ((sequence + 1) * (index + 7)) / (field.endsWith('PerSecond') ? 8 : 1)
    ])
  ) as Metrics
  const latency = new Histogram()
  for (let i = 0; i < 12; i++) latency.record(900 + ((sequence * 37 + i * 411) % 9000))
  const messages = {
    sent: 20,
    received: 80 + (sequence % 5),
    duplicates: sequence % 3,
    latency: latency.encode(),
    latencyFromDue: latency.encode(),
    unsent: 0,
    late: sequence % 2
  }
  return {
    ...library,
    interval: { from: 1.7e12 + sequence * 2000, until: 1.7e12 + sequence * 2000 + 2000 },
    connectedPeers: [1, 2, 3, 4].map((number) => `peer-${number}-${'x'.repeat(34)}`),
    knownPeersCount: 9,
    position: [sequence % 100, 1.6, 37.25],
    averageLatency: 12.5,
    messages: Object.fromEntries(MESSAGE_KINDS.map((kind) => [kind, messages])) as Metrics['messages'],
    wire: { sent: 120, received: 480, sentBytes: 24_000, receivedBytes: 96_000 },
    hops: [70, 12, 1],
    sendErrors: 0,
    ticks: { count: 125, latenessP50: 0.4, latenessP95: 2.1, latenessMax: 9.7 },
    clock: { offset: -3.25, error: 0.4 },
    group: 'blue',
    connections: { open: 4, created: 6 },
    links: {
      silent: 1,
      roundTrip: latency.encode(),
      sent: 300,
      received: 290,
      sentBytes: 30_000,
      buffered: 700
    }
  }
}

export function sampleRunner(sequence: number, changes: Partial<RunnerSample> = {}): RunnerSample {
  return {
    sequence,
    state: 'running',
    peers: { wanted: 10, ready: 10, done: 0 },
    tabs: { open: 10, crashed: 0 },
    interval: 2000,
    cpu: { cores: 2, usage: 0.4, browser: 900, throttled: 0 },
    memory: { used: 2e9, limit: 8e9, browser: 1e9 },
    errors: [],
    ...changes
  }
}

export function sampleResults(number: number, from: number, until: number): PeerResults {
  const kindResults = {
    sent: 100,
    sentTimes: '',
    received: 400,
    duplicates: 3,
    latency: '',
    negativeLatencies: 0
  }
  return {
    number,
    library: { name: 'decentraland-katalyst-peer', version: '0.2.20', generation: 'layers' },
    routine: 'default',
    group: 'blue',
    presence: { joined: from, left: until },
    startedAt: from,
    measured: { from, until },
    messages: { position: kindResults, profile: kindResults, chat: kindResults },
    heard: { other: [100, 1, 10, 0, 1, 0] },
    sendErrors: 0,
    wire: { sent: 1, received: 1, sentBytes: 1, receivedBytes: 1 },
    connectionTimes: { socket: 20, joined: 40, firstConnection: 300 },
    connections: { open: 4, created: 4 },
    ticks: { count: 1000, lateness: '' },
    nominal: { position: 100, profile: 10, chat: 1 },
    clock: { offset: 0, error: 0.3, driftPpm: 0 },
    errors: []
  }
}
