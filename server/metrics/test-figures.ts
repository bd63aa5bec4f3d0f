/** Sums over all peers of each running test, for Prometheus. */
import { Sum } from '../events/crowd'
import type { LiveTest } from '../store/live-test'
import type { JournalRecord } from '../store/records'
import { isEnd } from '../store/test-progress'

/** The figures of a test that is gone are still told for this long: several scrapes. */
const REMEMBERED_MS = 300_000

export class Figures {
  readonly sum = new Sum()
  /** Busy share of the cores of each runner that has not ended, 0 to 1. */
  readonly cpu = new Map<string, number>()
  lastAt = performance.now()

  constructor(readonly test: LiveTest) {}
}

export class TestFigures {
  private readonly figures = new Map<string, Figures>()
  /** Nothing is added up before anybody asks. */
  private isWanted = false

  readonly add = (test: LiveTest, record: JournalRecord): void => {
    if (!this.isWanted) return
    const figures = this.figuresOf(test)
    figures.lastAt = performance.now()
    if ('points' in record) for (const point of record.points) figures.sum.add(point, record.at)
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
