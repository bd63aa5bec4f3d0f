/** Tells the relay's thread what is in the journals, and tells of its progress. */
import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { RelayStatus } from '../../protocol/api-answers'
import type { TestStore } from '../store/test-store'
import { startWorker } from '../worker-file'
import type { RelayData, RelayExtent, RelayOrder, RelayReport } from './relay-worker'
import type { InfluxTarget, WriterStatus } from './writer'

const TELL_MS = 250

export class Relay {
  private readonly worker: Worker
  private readonly timer: NodeJS.Timeout
  private latest: WriterStatus & { lagBytes: number } = {
    connected: false,
    written: 0,
    dropped: 0,
    failures: 0,
    lagBytes: 0
  }

  constructor(
    folder: string,
    private readonly target: InfluxTarget,
    private readonly store: TestStore,
    private readonly logger: Logger
  ) {
    this.worker = startWorker(__dirname, 'relay-worker', {
      workerData: { folder, target } satisfies RelayData
    })
    this.worker.on('message', (report: RelayReport) => {
      this.take(report)
    })
    this.worker.on('error', (error) => {
      this.logger.error(
        { err: error },
        'the relay to InfluxDB ended; the journals keep what it has not written'
      )
    })
    this.timer = setInterval(() => {
      this.tell()
    }, TELL_MS)
  }

  status(): RelayStatus {
    return { url: withoutUser(this.target.url), database: this.target.database, ...this.latest }
  }

  forget(id: string): void {
    this.order({ forget: id })
  }

  async close(): Promise<void> {
    clearInterval(this.timer)
    await this.worker.terminate()
  }

  private tell(): void {
    const extents: RelayExtent[] = []
    for (const test of this.store.liveTests)
      extents.push({
        id: test.id,
        path: test.journal.path,
        length: test.journal.committedLength,
        isWhole: false
      })
    for (const journal of this.store.finishedJournals) extents.push({ ...journal, isWhole: true })
    if (extents.length > 0) this.order({ extents })
  }

  private order(order: RelayOrder): void {
    this.worker.postMessage(order)
  }

  private take(report: RelayReport): void {
    if ('status' in report) this.latest = report.status
    else if ('warning' in report) this.logger.warn(report.warning)
    else void this.store.dropJournal(report.relayed)
  }
}

const withoutUser = (url: string) => {
  const { origin, pathname } = new URL(url)
  return (origin + pathname).replace(/\/$/, '')
}
