/** A results server with the dashboard, and a browser to look at it. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer'
import { fakeDocument } from '../../analysis/testing/fake-mesh'
import { buildDashboard } from '../../dashboard/build'
import { ResultsClient } from '../../protocol/api-client'
import { obtainBrowser } from '../../runner/browser'
import { launchBrowser } from '../../runner/launch'
import { startResultsServer, type ResultsServer, type ResultsServerOptions } from '../../server/app'

const silent = () => undefined

export interface DashboardLab {
  browser: Browser
  /** A server with a folder of its own. */
  serve(options?: Partial<ResultsServerOptions>): Promise<ServedDashboard>
  close(): Promise<void>
}

export interface ServedDashboard extends ResultsServer {
  client: ResultsClient
  folder: string
}

export async function startDashboardLab(): Promise<DashboardLab> {
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

/** A page that collects what went wrong in it, and says yes to nothing. */
export async function openPage(
  browser: Browser,
  address: string
): Promise<{ page: Page; troubles: string[] }> {
  const page = await browser.newPage()
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('dialog', (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // Refused calls are logged by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      troubles.push(message.text())
    }
  })
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(address)
  return { page, troubles }
}

/** Resolves once the page's text holds `text`. */
export async function untilText(page: Page, text: string, timeout = 15_000): Promise<void> {
  await page
    .waitForFunction((wanted) => document.body.innerText.includes(wanted), { timeout }, text)
    .catch(async () => {
      const shown = await page.evaluate(() => document.body.innerText)
      throw new Error(`The page does not show "${text}" but:\n${shown.slice(0, 2000)}`)
    })
}

/** Presses the button of this name; a dialog's come first. */
export async function press(page: Page, name: string): Promise<void> {
  await page.locator(`::-p-aria([name="${name}"][role="button"])`).click()
}

/** Puts the data points and results of a pretended test into a running test of the server, as if they were sent just now. */
export async function feed(
  client: ResultsClient,
  testId: string,
  options: Parameters<typeof fakeDocument>[0],
  { from = 0, until = Infinity }: { from?: number; until?: number } = {}
): Promise<number> {
  const document = fakeDocument(options)
  const shift = (await client.getTest(testId)).startsAt! - document.startsAt!
  const points = document.dataPoints
    .filter(({ timestamp }) => {
      const second = (timestamp - document.startsAt!) / 1000
      return second >= from && second < until
    })
    .map(({ peerId, sequence, metrics }) => ({
      peerId,
      sequence,
      ...metrics,
      interval: { from: metrics.interval!.from + shift, until: metrics.interval!.until + shift }
    }))
  for (let i = 0; i < points.length; i += 50) await client.submitPoints(testId, points.slice(i, i + 50))
  return points.length
}

/** Puts a finished test into a folder before a server looks there: its state and its summary, as the server lays them out, without its data. */
export async function storeFinished(
  folder: string,
  options: NonNullable<Parameters<typeof fakeDocument>[0]> & { id: string }
): Promise<void> {
  const { summary, ...document } = fakeDocument(options)
  const data = { peerResults: {}, runnerSamples: [], topologies: [], dataPoints: [] }
  const state = { ...document, ...Object.fromEntries(Object.keys(data).map((name) => [name, undefined])) }
  await writeFile(
    join(folder, `${options.id}.json`),
    `${JSON.stringify(state).slice(0, -1)},\n"summary":${JSON.stringify(summary)},\n${JSON.stringify(data).slice(1)}\n`
  )
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

/** Findings of axe-core that are serious or worse, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`)
      )
  })
}
