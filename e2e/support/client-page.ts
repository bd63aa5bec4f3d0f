/** Runs the client page in a real browser against real servers, and collects the statuses it reports. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'puppeteer'
import { buildPage, type PageBuild } from '../../libraries/bundle/bundle'
import { servePage } from '../../libraries/bundle/static-server'
import { startLighthouse } from '../../lighthouse/app'
import { ResultsClient } from '../../protocol/api-client'
import { pageAddress, type PageStatus } from '../../protocol/page'
import type { ResultsDocument } from '../../protocol/results-document'
import type { CreateTest } from '../../protocol/test-life'
import { obtainBrowser } from '../../runner/browser'
import { launchBrowser } from '../../runner/launch'
import { startResultsServer } from '../../server/app'
import { acceptTestCode } from './test-code'

/** Keyed by the names in cli/table.ts. */
type PageParameters = Readonly<Record<string, string>>

const silent = () => undefined

export interface OpenedPage {
  page: Page
  statuses: PageStatus[]
  /** The last status, once the page is done or has failed. */
  ended: Promise<PageStatus>
}

export interface ClientLab {
  browser: Browser
  client: ResultsClient
  lighthouseUrl: string
  /** Builds another page and serves it. Resolves to its address. */
  serveBuild: (build: Omit<PageBuild, 'outDir'>) => Promise<string>
  /** Opens the page. `prepare` can change it before it loads. */
  open(
    parameters: PageParameters,
    options?: { url?: string; prepare?: (page: Page) => Promise<unknown> }
  ): Promise<OpenedPage>
  /** Runs one complete test with one page. */
  runTest(
    testId: string,
    test: CreateTest,
    parameters: PageParameters
  ): Promise<{ last: PageStatus; document: ResultsDocument }>
  close(): Promise<void>
}

export async function startClientLab(): Promise<ClientLab> {
  const folder = await mkdtemp(join(tmpdir(), 'client-lab-'))
  const closers: (() => Promise<void>)[] = [() => rm(folder, { recursive: true })]
  const lighthouse = await startLighthouse({ port: 0 })
  const results = await startResultsServer({ port: 0, folder: join(folder, 'results') })
  closers.unshift(
    () => lighthouse.close(),
    () => results.close()
  )
  const client = new ResultsClient({ url: results.url })

  const serveBuild: ClientLab['serveBuild'] = async (build) => {
    const outDir = await mkdtemp(join(folder, 'page-'))
    await buildPage({ ...build, outDir })
    const served = await servePage(outDir)
    closers.unshift(() => served.close())
    return served.url
  }
  const usualUrl = await serveBuild({})
  const browser = await launchBrowser(await obtainBrowser(silent), new URL(usualUrl).origin, silent)
  closers.unshift(() => browser.close())

  const open: ClientLab['open'] = async (parameters, { url = usualUrl, prepare } = {}) => {
    const page = await browser.newPage()
    page.setDefaultTimeout(300_000)
    await acceptTestCode(page)
    const statuses: PageStatus[] = []
    const ended = new Promise<PageStatus>((resolve, reject) => {
      page
        .exposeFunction('reportToRunner', (status: PageStatus) => {
          statuses.push(status)
          if (status.phase === 'done' || status.phase === 'failed') resolve(status)
        })
        .catch(reject)
    })
    await prepare?.(page)
    const common: PageParameters = {
      lighthouseUrl: lighthouse.url,
      statsServerUrl: results.url,
      firstPeerNumber: '0'
    }
    await page.goto(pageAddress(url, { ...common, ...parameters }))
    return { page, statuses, ended }
  }

  return {
    browser,
    client,
    lighthouseUrl: lighthouse.url,
    serveBuild,
    open,
    runTest: async (testId, test, parameters) => {
      await client.createTest(testId, test)
      const { page, ended } = await open({ testId, ...parameters })
      const last = await ended
      await client.finishTest(testId)
      const document = await client.getDocument(testId)
      await page.close()
      return { last, document }
    },
    close: async () => {
      for (const close of closers) await close()
    }
  }
}
