/** Sends the list of journals to the relay thread and reports its progress. */
import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { RelayStatus } from '../../protocol/api-answers'
import type { TestStore } from '../store/test-store'
import { startWorker } from '../worker-file'
import type { RelayData, RelayOrder, RelayReport } from './relay-worker'
import type { InfluxTarget } from './connection'

const TELL_MS = 250
/** How long to wait before replacing a thread that ended. */
const RESTART_MS = 5_000

export class Relay {
  private worker: Worker | undefined
  private readonly timer: NodeJS.Timeout
  private restart: NodeJS.Timeout | undefined
  private isClosed = false
  private latest: Omit<RelayStatus, 'url' | 'database'> = {
    connected: false,
    written: 0,
    dropped: 0,
    failures: 0,
    lagBytes: 0
  }

  constructor(
    private readonly folder: string,
    private readonly target: InfluxTarget,
    private readonly store: TestStore,
    private readonly logger: Logger
  ) {
    this.start()
    this.timer = setInterval(() => this.tell(), TELL_MS)
  }

  status(): RelayStatus {
    const { url, database } = this.target
    return { url, database, ...this.latest }
  }

  async close(): Promise<void> {
    this.isClosed = true
    clearInterval(this.timer)
    clearTimeout(this.restart)
    await this.worker?.terminate()
  }

  private start(): void {
    const worker = startWorker(__dirname, 'relay-worker', {
      workerData: { folder: this.folder, target: this.target } satisfies RelayData
    })
    worker.on('message', (report: RelayReport) => this.take(report))
    worker.on('error', (error) => {
      this.logger.error({ err: error }, 'the relay to InfluxDB ended; it starts again in 5 s')
      this.latest = { ...this.latest, connected: false, lastError: error.message }
    })
    worker.on('exit', () => {
      this.worker = undefined
      if (!this.isClosed) this.restart = setTimeout(() => this.start(), RESTART_MS)
    })
    this.worker = worker
  }

  private tell(): void {
    const live = [...this.store.liveTests].map(({ id, journal: { path, committedLength: length } }) => {
      return { id, path, length, isWhole: false }
    })
    const finished = [...this.store.finishedJournals.values()].map((each) => ({ ...each, isWhole: true }))
    this.worker?.postMessage([...live, ...finished] satisfies RelayOrder)
  }

  private take(report: RelayReport): void {
    if ('status' in report) this.latest = report.status
    else if ('warning' in report) this.logger.warn(report.warning)
    else
      this.store.dropJournal(report.relayed).catch((err: unknown) => {
        // The relay thread soon reports it again.
        this.logger.warn(
          { err },
          `can't remove ${report.relayed}, which has been relayed; the server tries again`
        )
      })
  }
}
