/**
 * `npm run bench:dashboard`: a soak of the live page. A real results server takes the data points of 200 simulated peers,
 * a real Chromium shows them as they come. Faster than real by --speed: the points of so many seconds come in each, which
 * gives the page the half hour's data, and so many times its work per second.
 */
import Table from 'cli-table3'
import { Command, InvalidArgumentError } from 'commander'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CDPSession, Page } from 'puppeteer'
import { buildDashboard } from '../dashboard/build'
import { ResultsClient } from '../protocol/api-client'
import { obtainBrowser } from '../runner/browser'
import { launchBrowser } from '../runner/launch'
import { startResultsServer } from '../server/app'
import { INTERVAL_MS, meshPoints } from './dashboard-load'

interface Options {
  minutes: number
  speed: number
  peers: number
}

/** What was seen since the last look. */
interface Look {
  testMinutes: number
  framesPerSecond: number
  /** The longest time without a frame, ms. */
  longestGap: number
  /** Share of the time that the main thread was busy. */
  busy: number
  longTasks: number
  longTaskMs: number
  /** Bytes, after a garbage collection. */
  heap: number
}

const LOOKS = 10
const POINTS_AT_ONCE = 50

async function main({ minutes, speed, peers }: Options): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'bench-dashboard-'))
  const dashboardFolder = join(root, 'page')
  await buildDashboard({ outDir: dashboardFolder })
  const server = await startResultsServer({ folder: join(root, 'results'), port: 0, dashboardFolder })
  const browser = await launchBrowser(await obtainBrowser(console.log), server.url, console.log)
  try {
    const client = new ResultsClient({ url: server.url })
    const { startsAt } = await client.createTest('soak', { started: true, duration: minutes * 60 * speed })
    const page = await browser.newPage()
    await page.setViewport({ width: 1360, height: 900 })
    await page.goto(`${server.url}/#/test/soak`)
    console.log(
      `${peers} peers, a report every 2 s of each, ${minutes} min at ${speed} times the speed of life:`
    )
    const feeding = feed(client, { minutes, speed, peers }, startsAt!)
    const looks = await watch(page, { minutes, speed, peers })
    await feeding
    print(looks)
  } finally {
    await browser.close()
    await server.close()
    await rm(root, { recursive: true })
  }
}

/** Sends each interval's points spread over it, as peers do. */
async function feed(
  client: ResultsClient,
  { minutes, speed, peers }: Options,
  startsAt: number
): Promise<void> {
  const begun = performance.now()
  const intervals = (minutes * 60_000 * speed) / INTERVAL_MS
  for (let interval = 0; interval < intervals; interval++) {
    const points = [...meshPoints(peers, interval, startsAt)]
    for (let i = 0; i < points.length; i += POINTS_AT_ONCE) {
      const due = begun + ((interval + i / points.length) * INTERVAL_MS) / speed
      await sleep(Math.max(0, due - performance.now()))
      await client.submitPoints('soak', points.slice(i, i + POINTS_AT_ONCE))
    }
  }
}

async function watch(page: Page, { minutes, speed }: Options): Promise<Look[]> {
  const devtools = await page.createCDPSession()
  await devtools.send('Performance.enable')
  await page.evaluate(countFrames)
  const looks: Look[] = []
  let before = await measure(page, devtools)
  for (let i = 1; i <= LOOKS; i++) {
    await sleep((minutes * 60_000) / LOOKS)
    const now = await measure(page, devtools)
    const seconds = now.at - before.at
    looks.push({
      testMinutes: (minutes * speed * i) / LOOKS,
      framesPerSecond: (now.frames - before.frames) / seconds,
      longestGap: now.longestGap,
      busy: (now.taskSeconds - before.taskSeconds) / seconds,
      longTasks: now.longTasks - before.longTasks,
      longTaskMs: now.longTaskMs - before.longTaskMs,
      heap: now.heap
    })
    process.stderr.write('.')
    // The collection of garbage is ours, not the page's work.
    before = await measure(page, devtools)
  }
  process.stderr.write('\n')
  return looks
}

interface Counters {
  frames: number
  longestGap: number
  longTasks: number
  longTaskMs: number
}

/** Runs in the page. */
function countFrames(): void {
  const counters: Counters = { frames: 0, longestGap: 0, longTasks: 0, longTaskMs: 0 }
  Object.assign(globalThis, { counters })
  let last = performance.now()
  const frame = (now: number) => {
    counters.frames++
    counters.longestGap = Math.max(counters.longestGap, now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      counters.longTasks++
      counters.longTaskMs += duration
    }
  }).observe({ type: 'longtask' })
}

async function measure(
  page: Page,
  devtools: CDPSession
): Promise<Counters & { at: number; taskSeconds: number; heap: number }> {
  const counters = await page.evaluate(() => {
    const { counters } = globalThis as unknown as { counters: Counters }
    const seen = { ...counters }
    counters.longestGap = 0
    return seen
  })
  const { metrics } = await devtools.send('Performance.getMetrics')
  const valueOf = (name: string) => metrics.find((metric) => metric.name === name)!.value
  const [at, taskSeconds] = [valueOf('Timestamp'), valueOf('TaskDuration')]
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize } = await devtools.send('Runtime.getHeapUsage')
  return { ...counters, at, taskSeconds, heap: usedSize }
}

function print(looks: Look[]): void {
  const table = new Table({
    head: [
      'minute of the test',
      'frames/s',
      'longest gap, ms',
      'main thread busy',
      'long tasks',
      'their ms',
      'heap, MB'
    ],
    colAligns: ['right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] }
  })
  for (const { testMinutes, framesPerSecond, longestGap, busy, longTasks, longTaskMs, heap } of looks) {
    table.push([
      testMinutes.toFixed(1),
      framesPerSecond.toFixed(1),
      longestGap.toFixed(0),
      `${(busy * 100).toFixed(0)} %`,
      longTasks,
      longTaskMs.toFixed(0),
      (heap / 1e6).toFixed(1)
    ])
  }
  console.log(table.toString())
  const [first, last] = [looks[0]!, looks.at(-1)!]
  console.log(
    `Heap: ${(first.heap / 1e6).toFixed(1)} MB at the first look, ${(last.heap / 1e6).toFixed(1)} MB at the last`
  )
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}

new Command('bench:dashboard')
  .description('Soaks the live page: frame rate, long tasks and heap while many simulated peers report.')
  .option('--minutes <number>', 'how long it takes', positive, 5)
  .option('--speed <factor>', 'how many times faster than life the data comes', positive, 6)
  .option('--peers <number>', 'simulated peers', positive, 200)
  .action(main)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
