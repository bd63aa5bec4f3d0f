/** Requests summaries and results documents from the results worker. */
import { Readable } from 'node:stream'
import type { Summary } from '../../protocol/summary'
import type { LiveTest } from './live-test'
import { WorkerCalls } from '../worker-file'
import type { ResultsAnswer, ResultsQuestion, Source } from './results-worker'

const SUMMARY_AGE_MS = 5_000

type Remembered = { at: number; state: string; summary: Promise<Summary> }

export class ResultsMaker {
  private readonly calls = new WorkerCalls<ResultsQuestion, ResultsAnswer>(__dirname, 'results-worker')
  private readonly summaries = new WeakMap<LiveTest, Remembered>()
  private lastDocument = 0

  /** At most 5 s old, and of the state that the test is in. Rejects if the data can't be summarised. */
  summaryOf(test: LiveTest): Promise<Summary> {
    const last = this.summaries.get(test)
    const { state } = test.model
    if (last?.state === state && performance.now() - last.at < SUMMARY_AGE_MS) return last.summary
    const summary = this.calls.call({ summarise: test.source }).then((answer) => {
      if (!answer.summary) throw new Error(answer.summaryError)
      return answer.summary
    })
    this.summaries.set(test, { at: performance.now(), state, summary })
    summary.catch(() => this.summaries.delete(test))
    return summary
  }

  /** Rejects with the file system's code (ENOSPC, …) if the document could not be written to `target`. */
  write(source: Source, target: string): Promise<ResultsAnswer> {
    return this.calls.call({ write: source, target })
  }

  /** The current document, chunk by chunk on request. Takes no disk space. */
  async read(source: Source): Promise<Readable> {
    const document = ++this.lastDocument
    const { chunk: first } = await this.calls.call({ open: source, document })
    const { worker } = this.calls
    const next = async () => {
      // A new worker does not know this document.
      if (this.calls.worker !== worker) throw new Error('the results-worker ended')
      return (await this.calls.call({ read: document })).chunk
    }
    async function* chunks() {
      for (let chunk = first; chunk; chunk = await next()) yield chunk
    }
    // Not at the end of the generator, which a reader who has gone may not have begun.
    return Readable.from(chunks(), { objectMode: false, highWaterMark: 1 }).once('close', () => {
      if (this.calls.worker === worker) this.tell({ close: document })
    })
  }

  /** Prepares the results of these tests while they run, so that finishing them is cheap. */
  follow(sources: Source[]): void {
    if (this.calls.worker || sources.length > 0) this.tell({ follow: sources })
  }

  close(): Promise<void> {
    return this.calls.close()
  }

  private tell(question: ResultsQuestion): void {
    this.calls.call(question).catch(() => undefined)
  }
}
