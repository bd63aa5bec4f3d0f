/**
 * What a peer costs, process by process, beside one whose page only decodes: the cost of measuring. With
 * `--against FOLDER`: beside one of another checkout. Both run the same seeds in turns, on one results server
 * and one Lighthouse, so that their meshes are alike.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Command } from 'commander'
import type { Plugin } from 'esbuild'
import { buildPage } from '../client/bundle/bundle'
import { servePage } from '../client/bundle/static-server'
import { startLighthouse } from '../lighthouse/app'
import { fail } from '../options/command'
import { whole } from '../options/flags'
import { flagsOf } from '../options/npm-dashes'
import { ResultsClient } from '../protocol/api-client'
import type { Summary } from '../protocol/summary'
import { KernelFiles } from '../runner/machine/kernel-files'
import { cpuOf, processTree } from '../runner/machine/process-tree'
import { startResultsServer } from '../server/app'
import { temporaryFolder } from '../server/testing/temporary-folder'
import { checkout } from './checkout'

const SECONDS = 20
/** What is left out at both ends, in s: the first data points, and peers that stop a little earlier. */
const MARGIN = 2
const SIZES = [8, 12]
const SIDES = ['before', 'after'] as const
const PROCESSES = ['runner', 'page', 'browser', 'all'] as const
type Costs = Record<(typeof PROCESSES)[number], number>

/** Replaces the peers' ledger and traffic counter with those of overhead-bare.ts. */
const bare: Plugin = {
  name: 'bare-measurement',
  setup(build) {
    build.onLoad({ filter: /client\/page\/mesh-peer\.ts$/ }, ({ path }) => ({
      contents:
        `import { BareLedger, BareTraffic } from '../../benchmarks/overhead-bare'\n` +
        readFileSync(path, 'utf8')
          .replace('new Ledger()', 'new BareLedger()')
          .replace('new Traffic(', 'new BareTraffic('),
      resolveDir: join(__dirname, '../client/page'),
      loader: 'ts'
    }))
  }
}

const { against, rounds } = flagsOf<{ against?: string; rounds: number }>(
  new Command('npx peer-perf bench overhead')
    .description('Measures what measuring costs: against a page that only decodes, or another checkout.')
    .option('--against <folder>', 'another checkout, in which "npm ci" was run', checkout)
    .option('--rounds <number>', 'pairs of runs for each setting', whole(1, 100), 6)
)

async function main(): Promise<void> {
  const lighthouse = await startLighthouse({ port: 0 })
  const results = await startResultsServer({ port: 0, folder: temporaryFolder() })
  const client = new ResultsClient({ url: results.url })
  const outDir = temporaryFolder()
  await buildPage({ plugins: [bare], outDir })
  const barePage = await servePage(outDir)
  const after = resolve(__dirname, '..')
  const env = { RESULTS_SERVER_URL: results.url, LIGHTHOUSE_URL: lighthouse.url }
  const suites = {
    before:
      against === undefined
        ? { cwd: after, env: { ...env, CLIENT_URL: barePage.url } }
        : { cwd: resolve(against), env },
    after: { cwd: after, env }
  }
  const what = against === undefined ? 'full ÷ bare (page: at most 1.05)' : 'after ÷ before'
  try {
    for (const mesh of ['full', 'usual'])
      for (const peers of SIZES) {
        // Their logarithms: the mean is a geometric one.
        const ratios: Costs = { runner: 0, page: 0, browser: 0, all: 0 }
        for (let round = 1; round <= rounds; round++) {
          const costs = {} as Record<(typeof SIDES)[number], Costs>
          for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed())
            costs[side] = await costOfRun(client, side, suites[side], { mesh, peers, seed: round })
          for (const process of PROCESSES)
            ratios[process] += Math.log(costs.after[process] / costs.before[process]) / rounds
        }
        for (const process of PROCESSES) ratios[process] = Math.exp(ratios[process])
        console.log(`${mesh} mesh, ${peers} peers, ${what}: ${textOf(ratios, 3)}`)
      }
  } finally {
    await barePage.close()
    await results.close()
    await lighthouse.close()
  }
}

/** CPU-ms a peer-second. */
async function costOfRun(
  client: ResultsClient,
  side: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  { mesh, peers, seed }: { mesh: string; peers: number; seed: number }
): Promise<Costs> {
  const id = `${mesh}-${peers}-${seed}-${side}`
  await client.createTest(id, { seed, expectedPeers: peers, duration: SECONDS, warmup: MARGIN })
  const sizes = {
    TEST_ID: id,
    PEERS_COUNT: `${peers}`,
    PEERS_PER_TAB: `${peers}`,
    MESH: mesh,
    PEER_IDS: 'seed'
  }
  const runner = spawn(process.execPath, ['--require', 'tsx/cjs', 'run-clients.ts'], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env, ...sizes }
  })
  const ended = once(runner, 'exit')
  await Promise.race([client.waitForTest(id, 'started'), ended])
  await sleep(MARGIN * 1000)
  const first = cpuByProcess(runner.pid!)
  const seconds = SECONDS - 2 * MARGIN
  await sleep(seconds * 1000)
  const costs = cpuByProcess(runner.pid!)
  for (const process of PROCESSES) costs[process] = (costs[process] - first[process]) / (peers * seconds)
  const [code] = (await ended) as [number | null]
  const { summary } = await client.finishTest(id)
  if (code !== 0 || !summary) throw new Error(`${side} failed`)
  console.log(`${id}: ${textOf(costs, 1)} CPU-ms a peer-second; ${countsOf(summary)}`)
  return costs
}

function cpuByProcess(root: number): Costs {
  const files = new KernelFiles()
  const costs: Costs = { runner: 0, page: 0, browser: 0, all: 0 }
  for (const pid of processTree(root, files)) {
    const isPage = files.read(`/proc/${pid}/cmdline`)?.includes('--type=renderer')
    const cpu = cpuOf([pid], files)
    costs[pid === root ? 'runner' : isPage ? 'page' : 'browser'] += cpu
    costs.all += cpu
  }
  return costs
}

/** What must be the same for both: what was sent and, but for where a packet went, what it took. */
function countsOf({ sent, received, delivery, wire, library, verdict }: Summary): string {
  const counts = `${sent.all} sent, ${received.all} received (${((delivery.all ?? NaN) * 100).toFixed(2)}%), ${wire.packetsReceived} packets`
  // A page that only decodes has none of these.
  return `${counts}, ${library.received?.toFixed(1)} a second by the library's own count, ${verdict}`
}

function textOf(costs: Costs, digits: number): string {
  return PROCESSES.map((process) => `${process} ${costs[process].toFixed(digits)}`).join(', ')
}

main().catch(fail)
