import { pino, type Logger } from 'pino'
import { version } from '../../package.json'
import { Clock } from '../clock'
import { EventStreams } from '../events/event-streams'
import { AccessControl, type AccessOptions } from '../http/access'
import type { InfluxTarget } from '../influx/connection'
import { startRelay } from '../influx/relay'
import { TestFigures } from '../metrics/test-figures'
import type { Durability } from '../store/journal'
import { TestStore } from '../store/test-store'

export interface ResultsServerOptions extends Partial<AccessOptions> {
  /** Of journals and results. Created if missing. */
  folder: string
  /** 0 picks a free port. */
  port: number
  dashboardFolder?: string | undefined
  durability?: Durability
  /** Without a control token: what other pages of this machine need to submit. */
  pageToken?: string | undefined
  /** A runner that is silent for longer than this counts as lost, in ms. */
  runnerSilenceMs?: number
  /** How long after its end a test of known duration is finished, once its runners are gone, in ms. */
  overdueMs?: number
  influx?: InfluxTarget | undefined
  logger?: Logger
  clock?: Clock
}

export type Services = Awaited<ReturnType<typeof openServices>>

/** Call this only while holding the folder. */
export async function openServices(options: ResultsServerOptions & AccessOptions) {
  const { folder, influx, durability = 'fsync', clock = new Clock() } = options
  const { logger = pino({ level: 'silent' }), runnerSilenceMs = 15_000 } = options
  const figures = new TestFigures()
  const store = await TestStore.open({
    ...{ folder, durability, clock, runnerSilenceMs, logger },
    keepsJournals: influx !== undefined,
    onCommitted: figures.add
  })
  return {
    ...{ folder, store, figures, clock, durability, logger, version },
    access: new AccessControl({ ...options, submitToken: options.submitToken ?? options.pageToken }),
    events: new EventStreams(async (id) => (await store.summary(id)).reasons),
    relay: influx && startRelay(folder, influx, store, logger)
  }
}
