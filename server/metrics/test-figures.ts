/** Sums over all peers of each running test, for Prometheus. */
import { MESSAGE_KINDS, type Metrics } from '../../protocol/data-point'
import { BUCKETS, edgesOf, visitEncoded } from '../../protocol/histogram'
import { attempt } from '../attempt'
import type { LiveTest } from '../store/live-test'
import type { JournalRecord } from '../store/records'
import { isEnd } from '../store/test-progress'

/** Upper edges in seconds; one more bucket takes the rest. */
export const LATENCY_EDGES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
/** The figures of a test that is gone are still told for this long: several scrapes. */
const REMEMBERED_MS = 300_000

/** The middle of each bucket of a histogram, in seconds. */
const MIDDLES = Float64Array.from({ length: BUCKETS }, (_, bucket) => {
  const [low, high] = edgesOf(bucket)
  return (low + high) / 2e6
})
/** For each bucket of a histogram: the index of the first edge above it. */
const EDGE_OF = Uint8Array.from(MIDDLES, (middle) => {
  const index = LATENCY_EDGES.findIndex((edge) => middle <= edge)
  return index < 0 ? LATENCY_EDGES.length : index
})

/** `latencies`: messages by bucket; `latencySum`: in seconds. */
const kindFigures = () => ({
  ...{ sent: 0, delivered: 0, duplicates: 0, latencySum: 0 },
  latencies: new Float64Array(LATENCY_EDGES.length + 1)
})

export class Figures {
  readonly kinds = { position: kindFigures(), profile: kindFigures(), chat: kindFigures() }
  readonly wire = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  /** Busy share of the cores of each runner that has not ended, 0 to 1. */
  readonly cpu = new Map<string, number>()
  lastAt = performance.now()

  constructor(readonly test: LiveTest) {}

  addPoint({ messages, wire }: Metrics): void {
    for (const name of Object.keys(this.wire) as (keyof Figures['wire'])[])
      this.wire[name] += wire?.[name] ?? 0
    for (const kind of messages ? MESSAGE_KINDS : []) {
      const { sent, received, duplicates, latency } = messages![kind]
      const figures = this.kinds[kind]
      figures.sent += sent
      figures.delivered += received
      figures.duplicates += duplicates
      attempt(() =>
        visitEncoded(latency, (bucket, count) => {
          const index = EDGE_OF[bucket]!
          figures.latencies[index] = figures.latencies[index]! + count
          figures.latencySum += MIDDLES[bucket]! * count
        })
      )
    }
  }
}

export class TestFigures {
  private readonly figures = new Map<string, Figures>()
  /** Nothing is added up before anybody asks. */
  private isWanted = false

  readonly add = (test: LiveTest, record: JournalRecord): void => {
    if (!this.isWanted) return
    const figures = this.figuresOf(test)
    figures.lastAt = performance.now()
    if ('points' in record) for (const point of record.points) figures.addPoint(point)
    else if ('runner' in record && isEnd(record.runner.state)) figures.cpu.delete(record.runnerId)
    else if ('runner' in record) figures.cpu.set(record.runnerId, record.runner.cpu.usage)
  }

  /** Of these tests, and of those that are gone since a short time. */
  of(live: Iterable<LiveTest>): Figures[] {
    this.isWanted = true
    for (const test of live) this.figuresOf(test)
    this.forget()
    return [...this.figures.values()]
  }

  private forget(): void {
    for (const [id, { test, lastAt }] of this.figures)
      if (test.model.state === 'finished' && performance.now() - lastAt > REMEMBERED_MS)
        this.figures.delete(id)
  }

  /** A new test of the same id starts anew. */
  private figuresOf(test: LiveTest): Figures {
    const known = this.figures.get(test.id)
    if (known?.test === test) return known
    this.forget()
    const figures = new Figures(test)
    this.figures.set(test.id, figures)
    return figures
  }
}
