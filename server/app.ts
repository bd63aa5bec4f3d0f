/** Assembles the results server. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import express, { Router } from 'express'
import { listenError } from '../cli/listen-error'
import { Refusal } from '../cli/refusal'
import { checkTokens } from './http/access'
import { serveDashboard } from './http/dashboard'
import { answerErrors } from './http/errors'
import { registerRoutes } from './http/register'
import { serveConnections } from './http/connections'
import { makeHandlers } from './routes/handlers'
import { openServices, type ResultsServerOptions, type Services } from './routes/services'
import { oversee } from './overseer'
import { takeFolder } from './store/results-folder'

export type { ResultsServerOptions }

export interface ResultsServer {
  /** Without a trailing slash. */
  url: string
  port: number
  /** Closes everything. All acknowledged data is on disk. */
  close(): Promise<void>
}

/** Throws UserError, whose message names the fix. */
export async function startResultsServer(options: ResultsServerOptions): Promise<ResultsServer> {
  const { host = '127.0.0.1' } = options
  checkTokens(options, host)
  const folder = resolve(options.folder)
  const release = takeFolder(folder)
  try {
    const services = await openServices({ ...options, folder, host })
    const { store, relay, clock, logger } = services
    const server = createServer({ connectionsCheckingInterval: 2_000 })
    serveConnections(server, makeApp(services, options.dashboardFolder))
    server.listen(options.port, host)
    await once(server, 'listening').catch(async (error: unknown) => {
      await relay?.close()
      await store.close()
      throw listenError(error, host, options.port, `Can't listen on port ${options.port} of ${host}`)
    })
    const { port } = server.address() as AddressInfo
    const stopOverseer = oversee(store, clock, options.overdueMs ?? 15_000, logger)
    const stop = async () => {
      stopOverseer()
      await closeServer(server)
      await relay?.close()
      await store.close()
      release()
    }
    let stopping: Promise<void> | undefined
    return {
      url: `http://${urlHost(host)}:${port}`,
      port,
      close: () => (stopping ??= stop())
    }
  } catch (error) {
    release()
    throw error
  }
}

function makeApp(services: Services, dashboardFolder: string | undefined): express.Express {
  const { access, logger } = services
  const app = express()
  app.disable('x-powered-by')
  // ETags would hash every response, and the state changes all the time.
  app.disable('etag')
  app.use(access.guard)
  const router = Router()
  registerRoutes(router, access, makeHandlers(services))
  app.use(router)
  app.use(serveDashboard(dashboardFolder))
  app.use((request) => {
    throw new Refusal(404, 'no-such-call', `There is no ${request.method} ${request.path}: see /openapi.json`)
  })
  app.use(answerErrors(logger))
  return app
}

const urlHost = (host: string) =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host

/** Gives pending requests 3 s. */
async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  const timer = setTimeout(() => server.closeAllConnections(), 3_000)
  await closed
  clearTimeout(timer)
}
