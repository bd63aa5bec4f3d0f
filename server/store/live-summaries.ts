/** Summaries of tests that still take data: each of the data so far, made again once it is old. */
import type { Summary } from '../../protocol/summary'
import type { Documents } from './documents'
import type { LiveTest } from './live-test'

const AGE_MS = 5_000

export class LiveSummaries {
  private readonly made = new WeakMap<LiveTest, { at: number; summary: Promise<Summary> }>()

  constructor(private readonly documents: Documents) {}

  /** At most 5 s old. Rejects where the data cannot be summarised. */
  of(test: LiveTest): Promise<Summary> {
    const last = this.made.get(test)
    if (last && performance.now() - last.at < AGE_MS) return last.summary
    const summary = this.make(test)
    this.made.set(test, { at: performance.now(), summary })
    summary.catch(() => this.made.delete(test))
    return summary
  }

  private async make(test: LiveTest): Promise<Summary> {
    const { summary, summaryError } = await this.documents.summarise(test.extent, test.state())
    if (!summary) throw new Error(summaryError)
    return summary
  }
}
