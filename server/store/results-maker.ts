/** Requests summaries and results documents from the results worker. */
import type { Worker } from 'node:worker_threads'
import type { Summary } from '../../protocol/summary'
import type { LiveTest } from './live-test'
import { startWorker } from '../worker-file'
import type { ResultsAnswer, ResultsOrder, Source, Summarised } from './results-worker'

interface Pending {
  done: (answer: ResultsAnswer) => void
  failed: (error: Error) => void
}

const SUMMARY_AGE_MS = 5_000

/** An order without its number. */
type Question<Order = ResultsOrder> = Order extends { number: number } ? Omit<Order, 'number'> : never

export class ResultsMaker {
  private worker: Worker | undefined
  private readonly pending = new Map<number, Pending>()
  private lastNumber = 0
  private readonly summaries = new WeakMap<LiveTest, { at: number; summary: Promise<Summary> }>()

  /** Of an unfinished test, at most 5 s old. Rejects if the data can't be summarised. */
  summaryOf(test: LiveTest): Promise<Summary> {
    const last = this.summaries.get(test)
    if (last && performance.now() - last.at < SUMMARY_AGE_MS) return last.summary
    const summary = this.summarise(test.source)
    this.summaries.set(test, { at: performance.now(), summary })
    summary.catch(() => this.summaries.delete(test))
    return summary
  }

  private async summarise(source: Source): Promise<Summary> {
    const { summary, summaryError } = await this.ask({ summarise: source })
    if (!summary) throw new Error(summaryError)
    return summary
  }

  /**
   * Rejects with the file system's error code (ENOSPC, …) if the document could not be written to `target`.
   */
  write(source: Source, target: string): Promise<Summarised> {
    return this.ask({ write: source, target })
  }

  /** The current document, chunk by chunk on request. Takes no disk space. */
  async *read(source: Source): AsyncGenerator<Uint8Array> {
    const number = this.lastNumber + 1
    await this.ask({ open: source })
    const { worker } = this
    try {
      for (;;) {
        // A new worker does not know this document.
        if (this.worker !== worker) throw new Error('the results worker ended')
        const { chunk } = await this.ask({ read: number })
        if (!chunk) return
        yield chunk
      }
    } finally {
      if (this.worker === worker) this.order({ close: number })
    }
  }

  /** Prepares the results of these tests while they run, so that finishing them is cheap. */
  follow(sources: Source[]): void {
    if (this.worker || sources.length > 0) this.order({ follow: sources })
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private ask(question: Question): Promise<ResultsAnswer> {
    const number = ++this.lastNumber
    return new Promise((done, failed) => {
      this.pending.set(number, { done, failed })
      this.order({ number, ...question } as ResultsOrder)
      this.worker!.ref()
    })
  }

  private order(order: ResultsOrder): void {
    this.worker ??= this.start()
    this.worker.postMessage(order)
  }

  /**
   * An idle worker does not keep the process alive. If a worker dies (out of memory), its jobs fail, and the
   * next job starts a new worker.
   */
  private start(): Worker {
    const worker = startWorker(__dirname, 'results-worker')
    worker.on('message', (answer: ResultsAnswer) => {
      const pending = this.pending.get(answer.number)
      this.pending.delete(answer.number)
      if (this.pending.size === 0) worker.unref()
      if (answer.error)
        pending?.failed(Object.assign(new Error(answer.error.message), { code: answer.error.code }))
      else pending?.done(answer)
    })
    const fail = (error: Error) => {
      if (this.worker !== worker) return
      this.worker = undefined
      for (const { failed } of this.pending.values()) failed(error)
      this.pending.clear()
    }
    worker.on('error', fail)
    worker.on('exit', () => {
      fail(new Error('the results worker ended'))
    })
    worker.unref()
    return worker
  }
}
