/**
 * What a large test costs those who watch it: a server that takes simulated peers' data points, scraped as
 * Prometheus does, and its dashboard open in Chromium.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { table } from '../../analysis/text'
import { buildOwnDashboard } from '../../dashboard/build'
import { fail } from '../../cli/command'
import { whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import { ResultsClient } from '../../protocol/api-client'
import type { BatchPoint } from '../../protocol/data-point'
import { obtainBrowser } from '../../runner/browser'
import { launchBrowser } from '../../runner/launch'
import { samplePoint, sampleRunner } from '../../server/testing/sample-data'
import { send } from './ingest-load'
import { atEnd, closeAll, costOf, residentBytes, startServer, type RunningServer } from './ingest-servers'

const options = flagsOf<{ peers: number; seconds: number }>(
  new Command('npx peer-perf bench watch')
    .description('Measures a results server and its dashboard while simulated peers submit every 2 s.')
    .option('--peers <number>', 'simulated peers', whole(2, 20_000), 1000)
    .option('--seconds <number>', 'how long to measure', whole(1, 3600), 20)
)

/** Their peers submit in one request. */
const PEERS_PER_RUNNER = 10
/** Connected with each other. */
const PEERS_PER_GROUP = 100
const INTERVAL_MS = 2_000
const SCRAPE_MS = 5_000
const TEST = '/test/bench'
const SAMPLE = samplePoint('', 0)
const over = new AbortController()

async function main(): Promise<void> {
  const { folder, close } = await buildOwnDashboard()
  atEnd.push(close)
  const server = await startServer({ DASHBOARD_FOLDER: folder })
  const begun = performance.now()
  const load = [submitAll(server.url), scrape(server.url)]
  await sleep(2 * INTERVAL_MS)
  const page = await measurePage(server)
  const { eventLoopDelayMs, points } = await new ResultsClient({ url: server.url }).status()
  // Stopping takes a scrape's interval.
  const seconds = (performance.now() - begun) / 1000
  over.abort()
  await Promise.all(load)
  const rows = [
    ['data points a second', (points / seconds).toFixed(0)],
    ...Object.entries(page),
    [
      'server: event loop delay p99, max, ms',
      `${eventLoopDelayMs.p99.toFixed(0)}, ${eventLoopDelayMs.max.toFixed(0)}`
    ],
    ['server: memory, MB', (residentBytes(server) / 1e6).toFixed(0)],
    ['metrics, kB and ms (worst)', `${(scraped.bytes / 1e3).toFixed(0)}, ${scraped.worst.toFixed(0)}`]
  ]
  console.log(table(['peers', String(options.peers)], rows))
}

/** Each runner's peers submit together, at an instant of their own in each interval. */
async function submitAll(url: string): Promise<void> {
  const runners = Math.ceil(options.peers / PEERS_PER_RUNNER)
  const submit = async (runner: number) => {
    await sleep((runner / runners) * INTERVAL_MS)
    for (let sequence = 0; !over.signal.aborted; sequence++) {
      const next = performance.now() + INTERVAL_MS
      const cpu = { cores: 2, usage: 0.4 + (runner % 50) / 100, browser: 900, throttled: 0 }
      const sample = sampleRunner(sequence, { cpu })
      await send(`${url}${TEST}/runner/runner-${runner}/metrics`, 'PUT', JSON.stringify(sample))
      const peers = Array.from({ length: PEERS_PER_RUNNER }, (_, index) => runner * PEERS_PER_RUNNER + index)
      const points = peers.map((peer) => pointOf(peer, sequence))
      await send(`${url}${TEST}/metrics`, 'POST', JSON.stringify(points))
      await sleep(Math.max(0, next - performance.now()))
    }
  }
  await Promise.all(Array.from({ length: runners }, (_, runner) => submit(runner)))
}

function pointOf(peer: number, sequence: number): BatchPoint {
  const group = Math.floor(peer / PEERS_PER_GROUP)
  const neighbour = (step: number) => `peer-${group * PEERS_PER_GROUP + ((peer + step) % PEERS_PER_GROUP)}`
  const until = Date.now()
  return {
    ...SAMPLE,
    ...{ peerId: `peer-${peer}`, sequence, group: `group-${group}` },
    connectedPeers: [1, 2, 3, 4].map(neighbour),
    interval: { from: until - INTERVAL_MS, until }
  }
}

const scraped = { bytes: 0, worst: 0 }
async function scrape(url: string): Promise<void> {
  while (!over.signal.aborted) {
    const begun = performance.now()
    scraped.bytes = (await (await fetch(`${url}/metrics`)).text()).length
    scraped.worst = Math.max(scraped.worst, performance.now() - begun)
    await sleep(SCRAPE_MS)
  }
}

/** CPU time counts, not wall time: others may use the machine. */
async function measurePage(server: RunningServer): Promise<Record<string, string>> {
  const { url } = server
  const browser = await launchBrowser(await obtainBrowser(() => undefined), url, () => undefined)
  try {
    const page = await browser.newPage()
    await page.setViewport({ width: 1280, height: 900 })
    const session = await page.createCDPSession()
    await session.send('Performance.setTimeDomain' as never, { timeDomain: 'threadTicks' } as never)
    await session.send('Performance.enable')
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      return metrics.find(({ name }) => name === 'TaskDuration')!.value
    }
    await page.goto(`${url}/#${TEST}`)
    await page.waitForFunction(() => document.body.textContent.includes('Over time'), { timeout: 120_000 })
    const paint = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime
    )
    const shown = await page.evaluate(() => performance.now())
    await sleep(INTERVAL_MS)
    const { wall, cpu, value } = await costOf(server, async () => {
      const before = await busy()
      await sleep(options.seconds * 1000)
      return (await busy()) - before
    })
    const heap = await page.metrics()
    return {
      'page: first paint, ms (< 1000)': String(Math.round(paint ?? NaN)),
      'page: charts, ms': String(Math.round(shown)),
      'page: main thread, % of a core (≤ 20)': ((100 * value) / (wall / 1e6)).toFixed(1),
      'page: heap, MB': ((heap.JSHeapUsedSize ?? NaN) / 1e6).toFixed(0),
      'server: cores': (cpu / wall).toFixed(2)
    }
  } finally {
    await browser.close()
  }
}

main().catch(fail).finally(closeAll)
