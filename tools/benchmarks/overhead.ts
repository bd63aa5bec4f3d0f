/**
 * The cost of measuring: CPU of a page of 8 real peers that measures everything ÷ CPU of a page whose
 * callback only decodes. Both take turns in one browser, in alternating order, so that disturbances affect
 * both. With `--against FOLDER`: the cost beside another checkout.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Command } from 'commander'
import type { Plugin } from 'esbuild'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startClientLab, type ClientLab } from '../../e2e/support/client-page'
import { fail } from '../../cli/command'
import { whole } from '../../cli/flags'
import { flagsOf } from '../../cli/npm-dashes'
import { startLighthouse } from '../../lighthouse/app'
import { ResultsClient } from '../../protocol/api-client'
import type { Summary } from '../../protocol/summary'
import { KernelFiles } from '../../runner/machine/kernel-files'
import { cpuOf, processTree } from '../../runner/machine/process-tree'
import { startResultsServer } from '../../server/app'
import { temporaryFolder } from '../../server/testing/temporary-folder'
import { checkout } from './checkout'

const PEERS = 8
const SECONDS = 8
const PAIRS = 8

/** Replaces the peers' ledger and traffic counter with those of overhead-bare.ts. */
const bare: Plugin = {
  name: 'bare-measurement',
  setup(build) {
    build.onLoad({ filter: /client\/mesh-peer\.ts$/ }, ({ path }) => ({
      contents:
        `import { BareLedger, BareTraffic } from '../tools/benchmarks/overhead-bare'\n` +
        readFileSync(path, 'utf8')
          .replace('new Ledger()', 'new BareLedger()')
          .replace('new Traffic(', 'new BareTraffic('),
      resolveDir: join(__dirname, '../../client'),
      loader: 'ts'
    }))
  }
}

const { against, rounds } = flagsOf<{ against?: string; rounds: number }>(
  new Command('npx peer-perf bench overhead')
    .description('Measures what measuring costs: against a page that only decodes, or another checkout.')
    .option('--against <folder>', 'another checkout, in which "npm ci" was run', checkout)
    .option('--rounds <number>', 'with --against: pairs of runs for each setting', whole(1, 100), 6)
)

async function againstBareCallback(): Promise<void> {
  const lab = await startClientLab()
  try {
    const urls = { full: await lab.serveBuild({}), bare: await lab.serveBuild({ plugins: [bare] }) }
    const ratios: number[] = []
    for (let pair = 0; pair < PAIRS; pair++) {
      const order = pair % 2 === 0 ? (['full', 'bare'] as const) : (['bare', 'full'] as const)
      const cpu = { full: 0, bare: 0 }
      for (const variant of order) cpu[variant] = await cpuOfRun(lab, urls[variant])
      ratios.push(cpu.full / cpu.bare)
      console.log(
        `pair ${pair + 1}: full ${cpu.full.toFixed(2)} ms, bare ${cpu.bare.toFixed(2)} ms per peer-second, ratio ${(cpu.full / cpu.bare).toFixed(3)}`
      )
    }
    console.log(
      `CPU of full measuring ÷ bare callback: ${geometricMean(ratios).toFixed(3)} (geometric mean of ${PAIRS} pairs; target ≤ 1.05)`
    )
  } finally {
    await lab.close()
  }
}

/**
 * CPU-ms of the page per peer-second while its routines run. In a full mesh, so that both variants have the
 * same traffic.
 */
async function cpuOfRun(lab: ClientLab, url: string): Promise<number> {
  const { page, statuses, ended } = await lab.open(
    { numberOfPeers: `${PEERS}`, mesh: 'full', testDuration: `${SECONDS}`, seed: '1' },
    { url }
  )
  for (let status = statuses.at(-1); status?.phase !== 'running'; status = statuses.at(-1)) {
    if (status?.phase === 'failed') throw new Error(`The page failed: ${status.error}`)
    await pause(50)
  }
  const before = await renderersCpuMs(lab)
  await pause((SECONDS - 1) * 1000)
  const used = (await renderersCpuMs(lab)) - before
  const last = await ended
  if (last.phase !== 'done' || last.messagesReceived < PEERS * (PEERS - 1) * 10 * (SECONDS - 1)) {
    throw new Error(`The mesh did not work: ${JSON.stringify(last)}`)
  }
  await page.close()
  return used / (PEERS * (SECONDS - 1))
}

/** CPU-ms used by the browser's renderers. All except the page's are blank and idle. */
async function renderersCpuMs(lab: ClientLab): Promise<number> {
  const session = await lab.browser.target().createCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
  return cpuOf(renderers, new KernelFiles())
}

const RUN_SECONDS = 20
/** What is left out at both ends, in s: the first data points, and peers that stop a little earlier. */
const MARGIN = 2
const SIZES = [8, 12]

const SIDES = ['before', 'after'] as const
type Costs = Record<'runner' | 'page' | 'browser' | 'all', number>

/**
 * What a peer costs beside another checkout, process by process. Both run the same seeds in turns, on one
 * results server and one Lighthouse, so that their meshes are alike.
 */
async function compareWith(before: string, rounds: number): Promise<void> {
  const lighthouse = await startLighthouse({ port: 0 })
  const results = await startResultsServer({ port: 0, folder: temporaryFolder() })
  const client = new ResultsClient({ url: results.url })
  const suites = { before: resolve(before), after: resolve(__dirname, '../..') }
  try {
    for (const mesh of ['full', 'usual'])
      for (const peers of SIZES) {
        const ratios: Costs[] = []
        for (let round = 1; round <= rounds; round++) {
          const run = { mesh, peers, seed: round }
          const cost = {} as Record<(typeof SIDES)[number], Costs>
          for (const side of round % 2 === 0 ? SIDES : [...SIDES].reverse())
            cost[side] = await costOfRun(client, lighthouse.url, suites[side], side, run)
          ratios.push(mapCosts((process) => cost.after[process] / cost.before[process]))
        }
        const means = mapCosts((process) => geometricMean(ratios.map((ratio) => ratio[process])))
        console.log(`${mesh} mesh, ${peers} peers, after ÷ before: ${textOf(means, 3)}`)
      }
  } finally {
    await results.close()
    await lighthouse.close()
  }
}

/** CPU-ms a peer-second. */
async function costOfRun(
  client: ResultsClient,
  lighthouseUrl: string,
  suite: string,
  side: string,
  { mesh, peers, seed }: { mesh: string; peers: number; seed: number }
): Promise<Costs> {
  const id = `${mesh}-${peers}-${seed}-${side}`
  await client.createTest(id, { seed, expectedPeers: peers, duration: RUN_SECONDS, warmup: MARGIN })
  const runner = spawn(process.execPath, ['--require', 'tsx/cjs', 'run-clients.ts'], {
    cwd: suite,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      TEST_ID: id,
      RESULTS_SERVER_URL: client.url,
      LIGHTHOUSE_URL: lighthouseUrl,
      PEERS_COUNT: `${peers}`,
      PEERS_PER_TAB: `${peers}`,
      MESH: mesh,
      PEER_IDS: 'seed'
    }
  })
  const ended = once(runner, 'exit')
  await Promise.race([client.waitForTest(id, 'started'), ended])
  await pause(MARGIN * 1000)
  const first = cpuByProcess(runner.pid!)
  await pause((RUN_SECONDS - 2 * MARGIN) * 1000)
  const last = cpuByProcess(runner.pid!)
  const [code] = (await ended) as [number | null]
  const { summary } = await client.finishTest(id)
  if (code !== 0 || !summary) throw new Error(`${side} failed`)
  const costs = mapCosts((process) => (last[process] - first[process]) / (peers * (RUN_SECONDS - 2 * MARGIN)))
  console.log(`${id}: ${textOf(costs, 1)} CPU-ms a peer-second; ${countsOf(summary)}`)
  return costs
}

function cpuByProcess(root: number): Costs {
  const files = new KernelFiles()
  const costs = mapCosts(() => 0)
  for (const pid of processTree(root, files)) {
    const isPage = files.read(`/proc/${pid}/cmdline`)?.includes('--type=renderer')
    const cpu = cpuOf([pid], files)
    costs[pid === root ? 'runner' : isPage ? 'page' : 'browser'] += cpu
    costs.all += cpu
  }
  return costs
}

/** What must be the same for both: what was sent and, but for where a packet went, what it took. */
function countsOf({ sent, received, delivery, wire, verdict }: Summary): string {
  return `${sent.all} sent, ${received.all} received (${((delivery.all ?? NaN) * 100).toFixed(2)}%), ${wire.packetsReceived} packets, ${verdict}`
}

function mapCosts(make: (process: keyof Costs) => number): Costs {
  return { runner: make('runner'), page: make('page'), browser: make('browser'), all: make('all') }
}

const geometricMean = (ratios: readonly number[]) =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)

function textOf(costs: Costs, digits: number): string {
  return Object.entries(costs)
    .map(([process, value]) => `${process} ${value.toFixed(digits)}`)
    .join(', ')
}

const work = against === undefined ? againstBareCallback() : compareWith(against, rounds)
work.catch(fail)
