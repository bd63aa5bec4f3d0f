/** Sends the list of journals to the relay thread and reports its progress. */
import type { Worker } from 'node:worker_threads'
import type { Logger } from 'pino'
import type { RelayStatus } from '../../protocol/api-answers'
import type { TestStore } from '../store/test-store'
import { startWorker } from '../worker-file'
import type { RelayData, RelayExtent, RelayReport } from './relay-worker'
import type { InfluxTarget } from './connection'
import { NOTHING_WRITTEN } from './writer'

const TELL_MS = 250
const RESTART_MS = 5_000

export function startRelay(folder: string, target: InfluxTarget, store: TestStore, logger: Logger) {
  let worker: Worker | undefined
  let restart: NodeJS.Timeout | undefined
  let isClosed = false
  let latest: Omit<RelayStatus, 'url' | 'database'> = { ...NOTHING_WRITTEN, lagBytes: 0 }
  start()
  const timer = setInterval(tell, TELL_MS)
  return {
    status: (): RelayStatus => ({ url: target.url, database: target.database, ...latest }),
    close: async (): Promise<void> => {
      isClosed = true
      clearInterval(timer)
      clearTimeout(restart)
      await worker?.terminate()
    }
  }

  function start(): void {
    const workerData: RelayData = { folder, target }
    worker = startWorker(__dirname, 'relay-worker', { workerData })
    worker.on('message', take)
    worker.on('error', (error) => {
      logger.error({ err: error }, 'the relay to InfluxDB ended; it starts again in 5 s')
      latest = { ...latest, connected: false, lastError: error.message }
    })
    worker.on('exit', () => {
      worker = undefined
      if (!isClosed) restart = setTimeout(start, RESTART_MS)
    })
  }

  function tell(): void {
    const live = [...store.liveTests].map(({ id, journal: { path, committedLength: length } }) => {
      return { id, path, length, isWhole: false }
    })
    const finished = [...store.finishedJournals.values()].map((each) => ({ ...each, isWhole: true }))
    worker?.postMessage([...live, ...finished] satisfies RelayExtent[])
  }

  function take(report: RelayReport): void {
    if ('status' in report) latest = report.status
    else if ('warning' in report) logger.warn(report.warning)
    else
      store.dropJournal(report.relayed).catch((err: unknown) => {
        // The relay thread soon reports it again.
        logger.warn({ err }, `can't remove ${report.relayed}, which has been relayed; the server tries again`)
      })
  }
}
