/** The thread that reads journals back: what takes seconds here would stop the server's event loop. */
import { parentPort } from 'node:worker_threads'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'
import { writeDocument, type JournalExtent } from './document-file'
import { Summaries } from './summaries'

export interface DocumentJob {
  number: number
  journal: JournalExtent
  state: TestState
  /** Where the document goes; absent: only the summary is asked for. */
  target?: string
}

export interface DocumentResult {
  number: number
  summary?: Summary
  /** Why there is no summary, though there is a document. */
  summaryError?: string
  error?: { message: string; code?: string }
}

const summaries = new Summaries()

async function carryOut(job: DocumentJob): Promise<DocumentResult> {
  const { number } = job
  try {
    const outcome = await summarise(job)
    if (job.target !== undefined) {
      await writeDocument(job.journal, job.state, outcome.summary, job.target)
      if (job.state.finished) summaries.forget(job.journal.path)
    }
    return { number, ...outcome }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    return { number, error: { message, ...(code !== undefined && { code }) } }
  }
}

/** A summary that fails must not cost the data: the document is written without it. */
async function summarise(job: DocumentJob): Promise<Pick<DocumentResult, 'summary' | 'summaryError'>> {
  try {
    return { summary: await summaries.summarise(job.journal, job.state) }
  } catch (error) {
    return { summaryError: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort!.on('message', (job: DocumentJob) => {
  void carryOut(job).then((result) => {
    parentPort!.postMessage(result)
  })
})
