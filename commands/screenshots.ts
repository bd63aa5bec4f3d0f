/** `npm run screenshots`: the pictures of the documentation, from a real run on this machine, into docs/images. */
import { Command } from 'commander'
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, Page } from 'puppeteer'
import { writeReport } from '../dashboard/report-file'
import { ResultsClient } from '../protocol/api-client'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { PlainProgress } from '../runner/progress'
import { startLab, type Lab } from './local/lab'
import { runLocalTest, type LocalTest } from './local/test'

const MOST_BYTES = 150_000

const TEST: LocalTest = {
  id: 'main-loops',
  peers: 8,
  peersPerTab: 8,
  duration: 40,
  warmup: 5,
  library: 'layers',
  routine: 'loops',
  messageTypes: 'faithful',
  mesh: 'usual',
  seed: 7,
  thresholds: ['delivery.position>=0.99', 'latency.position.p95<200ms'],
  labels: { branch: 'main' }
}

interface Shot {
  file: string
  address: string
  theme?: 'dark'
  width?: number
  height?: number
  /** Before the picture is taken. */
  prepare?: (page: Page) => Promise<void>
}

async function main(folder: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'screenshots-'))
  await mkdir(folder, { recursive: true })
  const ports = { lighthouse: 0, server: 0, page: 0 }
  const progress = new PlainProgress(console.log)
  const lab = await startLab({ folder: join(root, 'results'), ports }, progress)
  const browser = await launchBrowser(await obtainBrowser(console.log), lab.resultsServerUrl, console.log)
  try {
    await new ResultsClient({ url: lab.resultsServerUrl }).createTest('next-one', { expectedPeers: 8 })
    const running = runLocalTest(lab, TEST, { progress, signal: new AbortController().signal })
    await liveShots(browser, lab, folder)
    const { resultsFile, failures } = await running
    if (failures.length > 0) throw new Error(`The run failed: ${failures.join('; ')}`)
    const report = join(root, 'report.html')
    await writeReport(resultsFile, report)
    await finishedShots(browser, lab, report, folder)
  } finally {
    await browser.close()
    await lab.close()
    await rm(root, { recursive: true })
  }
}

async function liveShots(browser: Browser, lab: Lab, folder: string): Promise<void> {
  await take(browser, folder, {
    file: 'dashboard-live.png',
    address: `${lab.resultsServerUrl}/#/test/${TEST.id}`,
    prepare: async (page) => {
      await page.waitForSelector('.charts', { timeout: 60_000 })
      await sleep(28_000)
    }
  })
}

async function finishedShots(browser: Browser, lab: Lab, report: string, folder: string): Promise<void> {
  const shots: Shot[] = [
    { file: 'dashboard-tests.png', address: `${lab.resultsServerUrl}/#/`, height: 420 },
    {
      file: 'dashboard-mesh.png',
      address: `${lab.resultsServerUrl}/?mesh#/test/${TEST.id}`,
      prepare: async (page) => {
        const peer = await page.waitForSelector('select.peers')
        const ids = await page.$$eval('select.peers option', (options) => options.map(({ value }) => value))
        await peer!.select(ids[1]!)
        await page.$eval('#mesh', (heading) => {
          heading.scrollIntoView()
        })
      }
    },
    { file: 'report-dark.png', address: `file://${report}`, theme: 'dark' },
    {
      file: 'dashboard-phone.png',
      address: `${lab.resultsServerUrl}/?phone#/test/${TEST.id}`,
      width: 360,
      height: 760
    }
  ]
  for (const shot of shots) await take(browser, folder, shot)
}

async function take(browser: Browser, folder: string, shot: Shot): Promise<void> {
  const page = await browser.newPage()
  await page.setViewport({ width: shot.width ?? 1200, height: shot.height ?? 820 })
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: shot.theme ?? 'light' }])
  await page.goto(shot.address)
  await sleep(1500)
  await shot.prepare?.(page)
  await sleep(2500)
  const path = join(folder, shot.file)
  await page.screenshot({ path, optimizeForSpeed: false })
  await page.close()
  const { size } = await stat(path)
  if (size > MOST_BYTES) throw new Error(`${path} has ${size} bytes: more than ${MOST_BYTES}`)
  console.log(`${path}: ${(size / 1000).toFixed(0)} kB`)
}

new Command('screenshots')
  .description('Takes the pictures of the documentation from a real run on this machine; about a minute.')
  .option('--out <folder>', 'where to', join('docs', 'images'))
  .action(({ out }: { out: string }) => main(out))
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
