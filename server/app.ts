/** Puts the results server together. */
import { createServer, type Server } from 'node:http'
import { existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import express, { Router } from 'express'
import { pino, type Logger } from 'pino'
import { Clock } from './clock'
import { EventStreams } from './events/event-streams'
import { AccessControl, isLoopbackAddress } from './http/access'
import { serveDashboard } from './http/dashboard'
import { answerErrors } from './http/errors'
import { registerRoutes } from './http/register'
import { limitConnections } from './http/connections'
import { Refusal } from './refusal'
import { Relay } from './influx/relay'
import type { InfluxTarget } from './influx/writer'
import { makeHandlers } from './routes/handlers'
import type { Durability } from './store/journal'
import { lockFolder, StartError } from './store/folder-lock'
import { Overseer } from './store/overseer'
import { TestStore } from './store/test-store'

export const VERSION = '0.1.0'

export interface ResultsServerOptions {
  /** The folder of journals and results; made where it is absent. */
  folder: string
  /** 0 takes a free one. */
  port: number
  host?: string
  durability?: Durability
  controlToken?: string | undefined
  submitToken?: string | undefined
  allowedOrigins?: readonly string[]
  allowedHosts?: readonly string[]
  /** The built dashboard. */
  dashboardFolder?: string
  /** ms after which a silent runner is lost. */
  runnerSilenceMs?: number
  /** ms after its end at which a test of known duration, all of whose runners have ended or are lost, is finished. */
  overdueMs?: number
  /** Where everything is relayed to. */
  influx?: InfluxTarget
  logger?: Logger
  clock?: Clock
}

export interface ResultsServer {
  /** Without a slash at its end. */
  url: string
  port: number
  /** Ends what is open; all that was acknowledged is on disk. */
  close(): Promise<void>
}

/** Throws StartError, whose message names what to do. */
export async function startResultsServer(options: ResultsServerOptions): Promise<ResultsServer> {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopbackAddress(host) && options.controlToken === undefined)
    throw new StartError(
      `HOST ${host} can be reached by others: set RESULTS_SERVER_TOKEN (e.g. to the output of "openssl rand -hex 24"), or leave HOST out`
    )
  const logger = options.logger ?? pino({ level: 'silent' })
  const clock = options.clock ?? new Clock()
  const folder = resolve(options.folder)
  const unlock = lockFolder(folder)
  try {
    const store = await TestStore.open({
      folder,
      durability: options.durability ?? 'fsync',
      clock,
      runnerSilenceMs: options.runnerSilenceMs ?? 15_000,
      keepsJournals: options.influx !== undefined,
      logger
    })
    const relay = options.influx && new Relay(folder, options.influx, store, logger)
    const server = createServer(
      { connectionsCheckingInterval: 2_000 },
      makeApp(store, relay, clock, host, logger, options)
    )
    limitConnections(server)
    const port = await listen(server, options.port, host)
    const overseer = new Overseer(store, clock, options.overdueMs ?? 15_000, logger)
    const stop = async () => {
      overseer.stop()
      await closeServer(server)
      await relay?.close()
      await store.close()
      unlock()
    }
    let stopping: Promise<void> | undefined
    return { url: `http://${urlHost(host)}:${port}`, port, close: () => (stopping ??= stop()) }
  } catch (error) {
    unlock()
    throw error
  }
}

function makeApp(
  store: TestStore,
  relay: Relay | undefined,
  clock: Clock,
  host: string,
  logger: Logger,
  options: ResultsServerOptions
): express.Express {
  const app = express()
  app.disable('x-powered-by')
  // Every answer would be hashed for it; the state changes all the time.
  app.disable('etag')
  const access = new AccessControl({
    host,
    controlToken: options.controlToken,
    submitToken: options.submitToken,
    allowedOrigins: options.allowedOrigins ?? [],
    allowedHosts: options.allowedHosts ?? []
  })
  app.use(access.guard)
  const router = Router()
  registerRoutes(
    router,
    access,
    makeHandlers({
      store,
      clock,
      access,
      events: new EventStreams(async (id) => (await store.summary(id)).reasons),
      relay,
      durability: options.durability ?? 'fsync',
      version: VERSION,
      logger
    })
  )
  app.use(router)
  app.use(serveDashboard(options.dashboardFolder))
  app.use((request) => {
    throw new Refusal(404, 'no-such-call', `There is no ${request.method} ${request.path}: see /openapi.json`)
  })
  app.use(answerErrors(logger))
  return app
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const fix =
        error.code === 'EADDRINUSE' ? 'it is in use: set PORT to another, or end what uses it' : error.message
      failed(new StartError(`Can't listen on port ${port} of ${host}: ${fix}`))
    })
    server.listen(port, host, () => {
      done((server.address() as AddressInfo).port)
    })
  })
}

const urlHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host

/** Gives what is under way 3 s. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const timer = setTimeout(() => {
    server.closeAllConnections()
  }, 3_000)
  await closed
  clearTimeout(timer)
}

/** Where `npm run` and Bazel build the dashboard to. */
export function findDashboard(): string | undefined {
  const folder = resolve('build/dashboard')
  return existsSync(folder) ? folder : undefined
}
