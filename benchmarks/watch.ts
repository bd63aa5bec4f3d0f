/**
 * What a large test costs those who watch it: a server that takes simulated peers' data points, scraped as
 * Prometheus does, and its dashboard open in Chromium.
 */
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import { table } from '../analysis/text'
import { buildOwnDashboard } from '../dashboard/build'
import { fail } from '../options/command'
import { whole } from '../options/flags'
import { flagsOf } from '../options/npm-dashes'
import { ResultsClient } from '../protocol/api-client'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { samplePoint, sampleRunner } from '../server/testing/sample-data'
import { send } from './ingest-load'
import { atEnd, closeAll, cpuTimeOf, residentBytes, startServer, type RunningServer } from './ingest-servers'

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
/** Fields that differ from point to point; the others are those of one sample. */
const OWN = new Set(['peerId', 'sequence', 'group', 'connectedPeers', 'interval'])
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
    ['server: memory, MB', (residentBytes(server.process) / 1e6).toFixed(0)],
    ['metrics, kB and ms (worst)', `${(scraped.bytes / 1e3).toFixed(0)}, ${scraped.worst.toFixed(0)}`]
  ]
  console.log(table(['peers', String(options.peers)], rows))
}

/** Each runner's peers submit together, at an instant of their own in each interval. */
async function submitAll(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const rest = Object.entries(samplePoint('', 0)).filter(([name]) => !OWN.has(name))
  const fields = JSON.stringify(Object.fromEntries(rest)).slice(1)
  const runners = Math.ceil(options.peers / PEERS_PER_RUNNER)
  const submit = async (runner: number) => {
    await sleep((runner / runners) * INTERVAL_MS)
    for (let sequence = 0; !over.signal.aborted; sequence++) {
      const next = performance.now() + INTERVAL_MS
      const cpu = { cores: 2, usage: 0.4 + (runner % 50) / 100, browser: 900, throttled: 0 }
      const sample = sampleRunner(sequence, { cpu })
      await put(`${TEST}/runner/runner-${runner}/metrics`, JSON.stringify(sample))
      const peers = Array.from({ length: PEERS_PER_RUNNER }, (_, index) => runner * PEERS_PER_RUNNER + index)
      await put(`${TEST}/metrics`, `[${peers.map((peer) => pointOf(peer, sequence, fields)).join()}]`, 'POST')
      await sleep(Math.max(0, next - performance.now()))
    }
  }
  const put = (path: string, body: string, method: 'PUT' | 'POST' = 'PUT') =>
    send(agent, { url, path, method, body: () => body })
  await Promise.all(Array.from({ length: runners }, (_, runner) => submit(runner)))
  agent.destroy()
}

function pointOf(peer: number, sequence: number, fields: string): string {
  const group = Math.floor(peer / PEERS_PER_GROUP)
  const neighbours = [1, 2, 3, 4].map(
    (step) => `"peer-${group * PEERS_PER_GROUP + ((peer + step) % PEERS_PER_GROUP)}"`
  )
  const now = Date.now()
  return `{"peerId":"peer-${peer}","sequence":${sequence},"group":"group-${group}","connectedPeers":[${neighbours.join()}],"interval":{"from":${now - INTERVAL_MS},"until":${now}},${fields}`
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
async function measurePage({ url, process: server }: RunningServer): Promise<Record<string, string>> {
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
    const [begun, before, serverBefore] = [performance.now(), await busy(), cpuTimeOf(server)]
    await sleep(options.seconds * 1000)
    const seconds = (performance.now() - begun) / 1000
    const main = ((await busy()) - before) / seconds
    const cores = (cpuTimeOf(server) - serverBefore) / 1e6 / seconds
    const heap = await page.metrics()
    return {
      'page: first paint, ms (< 1000)': String(Math.round(paint ?? NaN)),
      'page: charts, ms': String(Math.round(shown)),
      'page: main thread, % of a core (≤ 20)': (100 * main).toFixed(1),
      'page: heap, MB': ((heap.JSHeapUsedSize ?? NaN) / 1e6).toFixed(0),
      'server: cores': cores.toFixed(2)
    }
  } finally {
    await browser.close()
  }
}

main().catch(fail).finally(closeAll)
