/**
 * What a peer costs beside another checkout of this suite, process by process. Both run the same seeds in
 * turns, on one results server and one Lighthouse, so that their meshes are alike.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLighthouse } from '../lighthouse/app'
import { ResultsClient } from '../protocol/api-client'
import type { Summary } from '../protocol/summary'
import { KernelFiles } from '../runner/machine/kernel-files'
import { cpuOf, processTree } from '../runner/machine/process-tree'
import { startResultsServer } from '../server/app'
import { temporaryFolder } from '../server/testing/temporary-folder'

const SECONDS = 20
/** What is left out at both ends, in s: the first data points, and peers that stop a little earlier. */
const MARGIN = 2
const SIZES = [8, 12]

const SIDES = ['before', 'after'] as const
type Costs = Record<'runner' | 'page' | 'browser' | 'all', number>

export async function compareWith(before: string, rounds: number): Promise<void> {
  const lighthouse = await startLighthouse({ port: 0 })
  const results = await startResultsServer({ port: 0, folder: temporaryFolder() })
  const client = new ResultsClient({ url: results.url })
  const suites = { before: resolve(before), after: resolve(__dirname, '..') }
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
  await client.createTest(id, { seed, expectedPeers: peers, duration: SECONDS, warmup: MARGIN })
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
  await sleep(MARGIN * 1000)
  const first = cpuByProcess(runner.pid!)
  await sleep((SECONDS - 2 * MARGIN) * 1000)
  const last = cpuByProcess(runner.pid!)
  const [code] = (await ended) as [number | null]
  const { summary } = await client.finishTest(id)
  if (code !== 0 || !summary) throw new Error(`${side} failed`)
  const costs = mapCosts((process) => (last[process] - first[process]) / (peers * (SECONDS - 2 * MARGIN)))
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

export const geometricMean = (ratios: readonly number[]) =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)

function textOf(costs: Costs, digits: number): string {
  return Object.entries(costs)
    .map(([process, value]) => `${process} ${value.toFixed(digits)}`)
    .join(', ')
}
