/** Sums over all peers of each running test, for Prometheus. */
import { addTo } from '../../analysis/distribution'
import { attempt } from '../../protocol/attempt'
import { MESSAGE_KINDS, type Metrics } from '../../protocol/data-point'
import { edgesOf, visitEncoded } from '../../protocol/histogram'
import type { LiveTest } from '../store/live-test'
import type { JournalRecord } from '../store/records'
import { isEnd } from '../store/test-progress'

/** Upper edges in seconds; the last bucket takes the rest. */
export const LATENCY_EDGES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, Infinity]
/** The figures of a test that is gone are still told for this long: several scrapes. */
const REMEMBERED_MS = 300_000

export class Figures {
  /**
   * `latencies`: first arrivals by Prometheus' bucket; `seconds`: their sum. Not a histogram, which has
   * thousands of buckets after a while: all tests together would stop the server at each scrape.
   */
  readonly kinds = MESSAGE_KINDS.map((kind) => ({
    kind,
    counts: { sent: 0, received: 0, duplicates: 0 },
    latencies: new Float64Array(LATENCY_EDGES.length),
    seconds: 0
  }))
  readonly wire = { sent: 0, received: 0, sentBytes: 0, receivedBytes: 0 }
  /** Busy share of the cores of each runner that has not ended, 0 to 1. */
  readonly cpu = new Map<string, number>()
  lastAt = performance.now()

  constructor(readonly test: LiveTest) {}

  addPoint({ messages, ...metrics }: Metrics): void {
    // As the dashboard: older clients send only the library's own statistics.
    addTo(this.wire, metrics.wire ?? metrics)
    for (const figures of messages ? this.kinds : []) {
      const { latency, ...counts } = messages![figures.kind]
      addTo(figures.counts, counts)
      attempt(() =>
        visitEncoded(latency, (bucket, count) => {
          const [low, high] = edgesOf(bucket)
          // Each counts as the middle of its bucket.
          const middle = (low + high) / 2e6
          const index = LATENCY_EDGES.findIndex((edge) => middle <= edge)
          figures.latencies[index] = figures.latencies[index]! + count
          figures.seconds += middle * count
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
