/** Summaries of unfinished tests. Each is reused until it is 5 s old. */
import type { Summary } from '../../protocol/summary'
import type { LiveTest } from './live-test'
import type { ResultsMaker } from './results-maker'

const AGE_MS = 5_000

export class SummaryCache {
  private readonly made = new WeakMap<LiveTest, { at: number; summary: Promise<Summary> }>()

  constructor(private readonly maker: ResultsMaker) {}

  /** At most 5 s old. Rejects if the data cannot be summarised. */
  of(test: LiveTest): Promise<Summary> {
    const last = this.made.get(test)
    if (last && performance.now() - last.at < AGE_MS) return last.summary
    const summary = this.make(test)
    this.made.set(test, { at: performance.now(), summary })
    summary.catch(() => this.made.delete(test))
    return summary
  }

  private async make(test: LiveTest): Promise<Summary> {
    const { summary, summaryError } = await this.maker.summarise(test.source)
    if (!summary) throw new Error(summaryError)
    return summary
  }
}
