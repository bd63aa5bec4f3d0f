import type { StoredSample } from '../../protocol/results-document'
import type { RunnerProvenance } from '../../protocol/runner-sample'
import type { TestState } from '../../protocol/test-life'
import { START, type FullOptions } from './fake-options'

const SAMPLE_MS = 2000

const endOf = ({ duration }: FullOptions) => START + duration * 1000 + 1500

/** The state of the fake test. */
export function fakeTestState(options: FullOptions, done: number, dataPointCount: number): TestState {
  const finished = options.state === 'finished'
  return {
    id: options.id,
    state: options.state,
    started: START,
    ...(finished && { finished: endOf(options) }),
    createdAt: START - 10_000,
    startedAt: START - 500,
    startsAt: START,
    ...(finished ? { finishedAt: endOf(options) } : {}),
    expectedPeers: options.expectedPeers ?? options.peers,
    duration: options.duration,
    warmup: options.warmup,
    seed: options.seed,
    labels: options.labels,
    thresholds: options.thresholds,
    peers: { ready: options.peers, reporting: options.peers, done },
    runners: runnerIds(options).map((id, index) => ({
      id,
      state: finished ? 'finished' : 'running',
      lost: options.lostRunners.includes(index),
      lastSeen: START + options.duration * 1000,
      peers: { wanted: peersOf(index, options), ready: peersOf(index, options), done: 0 },
      provenance: provenance(options)
    })),
    dataPointCount
  }
}

/** Each runner's samples, from start to end. */
export function fakeSamples(options: FullOptions): StoredSample[] {
  const samples: StoredSample[] = []
  for (let time = SAMPLE_MS; time <= options.duration * 1000; time += SAMPLE_MS) {
    runnerIds(options).forEach((runnerId, index) => {
      const peers = peersOf(index, options)
      samples.push({
        runnerId,
        timestamp: START + time,
        sequence: time / SAMPLE_MS,
        state: 'running',
        peers: { wanted: peers, ready: peers, done: 0 },
        tabs: { open: 1, crashed: 0 },
        interval: SAMPLE_MS,
        cpu: {
          cores: 2,
          usage: options.cpuUsage,
          browser: 2 * options.cpuUsage * SAMPLE_MS,
          throttled: options.throttled
        },
        memory: { used: 2e9, limit: 8e9, browser: 60e6 * peers },
        errors: [],
        ...(time === SAMPLE_MS ? { provenance: provenance(options) } : {})
      })
    })
  }
  return samples
}

function runnerIds({ runners }: FullOptions): string[] {
  return Array.from({ length: runners }, (_, index) => `runner-${index}`)
}

function peersOf(runner: number, { peers, runners }: FullOptions): number {
  return Math.floor((peers - runner + runners - 1) / runners)
}

function provenance({ peers, outages }: FullOptions): RunnerProvenance {
  return {
    browser: 'Chrome/156.0.0.0',
    cpuModel: 'Pretended CPU',
    cores: 2,
    os: 'linux',
    node: 'v20.20.0',
    lighthouse: { url: 'http://127.0.0.1:9000', name: 'fake', version: '1' },
    peersPerTab: peers,
    ...(outages.length > 0 && { outages })
  }
}
