/**
 * `npm run bench:dashboard`: a soak test of the live page. A real results server receives the data points of
 * 200 simulated peers, and a real Chromium shows them. First it gets the history as fast as the page accepts
 * it (only memory is measured then), then points in real time.
 */
import Table from 'cli-table3'
import { Command, InvalidArgumentError } from 'commander'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
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
  /** The part of the test that is sent as fast as possible. */
  history: number
  /** The part that is sent in real time. */
  minutes: number
  peers: number
}

/** What was observed since the previous sample. */
interface Look {
  phase: 'history' | 'live'
  framesPerSecond: number
  /** The longest time without a frame, ms. */
  longestGap: number
  /** CPU time of the main thread, per unit of time. Waiting for other processes does not count. */
  busy: number
  longTasks: number
  longTaskMs: number
  /** Bytes, after a garbage collection. */
  heap: number
}

const LOOKS = 5
const POINTS_AT_ONCE = 50
/** ms between requests while the history is sent: about 20 times real time. */
const HISTORY_PAUSE = 25

async function main({ history, minutes, peers }: Options): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'bench-dashboard-'))
  const dashboardFolder = join(root, 'page')
  await buildDashboard({ outDir: dashboardFolder })
  const server = await startResultsServer({ folder: join(root, 'results'), port: 0, dashboardFolder })
  const browser = await launchBrowser(await obtainBrowser(console.log), server.url, console.log)
  try {
    const client = new ResultsClient({ url: server.url })
    const duration = (history + minutes) * 60
    const { startsAt } = await client.createTest('soak', { started: true, duration })
    const page = await browser.newPage()
    await page.setViewport({ width: 1360, height: 900 })
    await page.goto(`${server.url}/#/test/soak`)
    console.log(
      `${peers} peers, a report of each every 2 s: ${history} min of history, then ${minutes} min live`
    )
    const watch = await watchOver(page)
    const turn = (from: number, until: number, pace: (due: number) => Promise<void>) =>
      feed(client, { from, until, peers, startsAt: startsAt! }, pace)

    const looks: Look[] = []
    for (let i = 0; i < LOOKS; i++) {
      const step = (history * 60_000) / INTERVAL_MS / LOOKS
      await turn(Math.round(step * i), Math.round(step * (i + 1)), () => sleep(HISTORY_PAUSE))
      looks.push(await watch('history'))
    }
    const begin = Math.round((history * 60_000) / INTERVAL_MS)
    const steps = (minutes * 60_000) / INTERVAL_MS / LOOKS
    for (let i = 0; i < LOOKS; i++) {
      const started = performance.now()
      const first = begin + Math.round(steps * i)
      await turn(first, begin + Math.round(steps * (i + 1)), (interval) =>
        sleep(Math.max(0, started + (interval - first) * INTERVAL_MS - performance.now()))
      )
      looks.push(await watch('live'))
    }
    print(looks)
  } finally {
    await browser.close()
    await server.close()
    await rm(root, { recursive: true })
  }
}

interface Stretch {
  /** Intervals. */
  from: number
  until: number
  peers: number
  startsAt: number
}

/**
 * Sends each interval's points spread over the interval, as peers do. `pace` waits until a fraction of an
 * interval is due.
 */
async function feed(
  client: ResultsClient,
  stretch: Stretch,
  pace: (due: number) => Promise<void>
): Promise<void> {
  for (let interval = stretch.from; interval < stretch.until; interval++) {
    const points = [...meshPoints(stretch.peers, interval, stretch.startsAt)]
    for (let i = 0; i < points.length; i += POINTS_AT_ONCE) {
      await pace(interval + i / points.length)
      await client.submitPoints('soak', points.slice(i, i + POINTS_AT_ONCE))
    }
  }
}

/** Each call reports what happened since the previous call. */
async function watchOver(page: Page): Promise<(phase: Look['phase']) => Promise<Look>> {
  const devtools = await page.createCDPSession()
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  await page.evaluate(countFrames)
  let before = await measure(page, devtools)
  return async (phase) => {
    const now = await measure(page, devtools)
    const seconds = now.at - before.at
    const look: Look = {
      phase,
      framesPerSecond: (now.frames - before.frames) / seconds,
      longestGap: now.longestGap,
      busy: (now.taskSeconds - before.taskSeconds) / seconds,
      longTasks: now.longTasks - before.longTasks,
      longTaskMs: now.longTaskMs - before.longTaskMs,
      heap: await heapOf(devtools)
    }
    // We triggered this garbage collection; it is not the page's work.
    before = await measure(page, devtools)
    return look
  }
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
): Promise<Counters & { at: number; taskSeconds: number }> {
  const counters = await page.evaluate(() => {
    const { counters } = globalThis as unknown as { counters: Counters }
    const seen = { ...counters }
    counters.longestGap = 0
    return seen
  })
  const { metrics } = await devtools.send('Performance.getMetrics')
  const taskSeconds = metrics.find(({ name }) => name === 'TaskDuration')!.value
  return { ...counters, at: performance.now() / 1000, taskSeconds }
}

/** Bytes of objects and of the arrays behind them, after a garbage collection. */
async function heapOf(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await devtools.send('Runtime.getHeapUsage')
  return usedSize + backingStorageSize
}

function print(looks: Look[]): void {
  const table = new Table({
    head: ['phase', 'frames/s', 'longest gap, ms', 'main thread, CPU', 'long tasks', 'their ms', 'heap, MB'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] }
  })
  for (const { phase, framesPerSecond, longestGap, busy, longTasks, longTaskMs, heap } of looks) {
    table.push([
      phase,
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

refuseSwallowedFlags(
  new Command('bench:dashboard')
    .description('Soaks the live page: frame rate, long tasks and heap while many simulated peers report.')
    .option('--history <minutes>', 'of the test, fed before as fast as it goes', positive, 27)
    .option('--minutes <number>', 'at the speed of life', positive, 3)
    .option('--peers <number>', 'simulated peers', positive, 200)
    .action(main)
)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  })
