/** A results server with the dashboard, and a browser to view it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before } from 'node:test'
import type { Browser } from 'puppeteer'
import { buildDashboard } from '../../dashboard/build'
import { ResultsClient } from '../../protocol/api-client'
import { obtainBrowser } from '../../runner/browser'
import { launchBrowser } from '../../runner/launch'
import { startResultsServer, type ResultsServer, type ResultsServerOptions } from '../../server/app'

const silent = () => undefined

export interface DashboardLab {
  readonly browser: Browser
  /** Starts a server with its own folder. */
  serve(options?: Partial<ResultsServerOptions>): Promise<ServedDashboard>
}

export interface ServedDashboard extends ResultsServer {
  client: ResultsClient
  folder: string
}

let started: ReturnType<typeof startDashboardLab> | undefined
let users = 0

/** One lab for all `describe`s of this process that call this. */
export function useDashboardLab(): DashboardLab {
  let lab: Awaited<ReturnType<typeof startDashboardLab>>
  users++
  before(async () => {
    lab = await (started ??= startDashboardLab())
  })
  after(async () => {
    if (--users === 0) await (await started)?.close()
  })
  return {
    get browser() {
      return lab.browser
    },
    serve: (options) => lab.serve(options)
  }
}

async function startDashboardLab(): Promise<DashboardLab & { close(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'dashboard-'))
  const dashboardFolder = join(root, 'page')
  await buildDashboard({ outDir: dashboardFolder })
  const browser = await launchBrowser(await obtainBrowser(silent), 'http://127.0.0.1', silent)
  const servers: ResultsServer[] = []
  return {
    browser,
    serve: async (options = {}) => {
      const folder = options.folder ?? (await mkdtemp(join(root, 'results-')))
      const server = await startResultsServer({ port: 0, ...options, folder, dashboardFolder })
      servers.push(server)
      const { controlToken } = options
      const client = new ResultsClient({
        url: server.url,
        ...(controlToken !== undefined && { token: controlToken })
      })
      return { ...server, client, folder }
    },
    close: async () => {
      await browser.close()
      for (const server of servers) await server.close()
      await rm(root, { recursive: true })
    }
  }
}
