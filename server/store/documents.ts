/** Asks the document worker for summaries and documents. */
import type { Worker } from 'node:worker_threads'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'
import { startWorker } from '../worker-file'
import type { JournalExtent } from './document-file'
import type { DocumentJob, DocumentResult } from './document-worker'

interface Pending {
  done: (result: DocumentResult) => void
  failed: (error: Error) => void
}

export interface Summarised {
  summary?: Summary
  /** Why there is none. */
  summaryError?: string
}

export class Documents {
  private worker: Worker | undefined
  private readonly pending = new Map<number, Pending>()
  private lastNumber = 0

  summarise(journal: JournalExtent, state: TestState): Promise<Summarised> {
    return this.ask({ journal, state })
  }

  /** Rejects with the code of the file system's error (ENOSPC, …) where the document could not be written. */
  write(journal: JournalExtent, state: TestState, target: string): Promise<Summarised> {
    return this.ask({ journal, state, target })
  }

  async close(): Promise<void> {
    await this.worker?.terminate()
  }

  private ask(job: Omit<DocumentJob, 'number'>): Promise<DocumentResult> {
    this.worker ??= this.start()
    const number = ++this.lastNumber
    return new Promise((done, failed) => {
      this.pending.set(number, { done, failed })
      this.worker!.ref()
      this.worker!.postMessage({ number, ...job } satisfies DocumentJob)
    })
  }

  /** An idle worker keeps no process alive. One that dies (out of memory) fails its jobs; the next job starts another. */
  private start(): Worker {
    const worker = startWorker(__dirname, 'document-worker')
    worker.on('message', (result: DocumentResult) => {
      const pending = this.pending.get(result.number)
      this.pending.delete(result.number)
      if (this.pending.size === 0) worker.unref()
      if (result.error)
        pending?.failed(Object.assign(new Error(result.error.message), { code: result.error.code }))
      else pending?.done(result)
    })
    worker.on('error', (error) => {
      this.worker = undefined
      for (const { failed } of this.pending.values()) failed(error)
      this.pending.clear()
    })
    return worker
  }
}
