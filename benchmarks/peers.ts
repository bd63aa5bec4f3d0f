/**
 * `npm run bench:peers -- --help`: the cost of a simulated peer with one browser per peer, with one tab per
 * peer, with all peers in one tab, and with all in one tab of a browser pinned to one core. The four modes
 * take turns in one run, so that disturbances of the machine affect all of them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Command, Option } from 'commander'
import { whole } from '../cli/flags'
import { startLab, type Lab } from '../local/lab'
import { ResultsClient } from '../protocol/api-client'
import { GENERATIONS, type Generation } from '../protocol/names'
import type { Summary } from '../protocol/summary'
import { runCommand } from '../cli/command'
import { runnerConfiguration } from '../runner/configuration'
import { allowedCores } from '../runner/machine/host'
import { KernelFiles } from '../runner/machine/kernel-files'
import { refuseSwallowedFlags } from '../cli/npm-dashes'
import { createProgress, PlainProgress } from '../cli/progress'
import { runClients } from '../runner/run'
import { UserError } from '../cli/user-error'
import { median } from './median'

interface Flags {
  peers: number
  duration: number
  rounds: number
  library: Generation
}

interface Run {
  summary: Summary
  /** CPU-ms of the whole machine, from before the browsers start until after they exit. */
  cpuOfWholeRun: number
}

interface Mode {
  name: string
  /** Runners (one browser each), and peers per tab. */
  layout: (peers: number) => { runners: number; peersPerTab: number; browserCore?: number }
}

const BROWSER_PER_PEER = 'a browser for each'
const ONE_TAB = 'all in one tab'
const ONE_CORE = 'the same, on one core'
const MODES: Mode[] = [
  { name: BROWSER_PER_PEER, layout: (peers) => ({ runners: peers, peersPerTab: 1 }) },
  { name: 'a tab for each', layout: () => ({ runners: 1, peersPerTab: 1 }) },
  { name: ONE_TAB, layout: (peers) => ({ runners: 1, peersPerTab: peers }) },
  { name: ONE_CORE, layout: (peers) => ({ runners: 1, peersPerTab: peers, browserCore: lastCore() }) }
]
const GOAL = 0.3

const program = new Command('npm run bench:peers --')
  .description('Measures CPU and memory of a simulated peer in four modes that take turns.')
  .addOption(new Option('--peers <number>', 'simulated peers').argParser(whole(2, 50)).default(8))
  .addOption(new Option('--duration <seconds>', 'of each run').argParser(whole(5, 600)).default(30))
  .addOption(new Option('--rounds <number>', 'runs of each mode').argParser(whole(1, 50)).default(3))
  .addOption(new Option('--library <generation>', 'peer library').choices(GENERATIONS).default('layers'))

runCommand(async (signal) => {
  const flags = refuseSwallowedFlags(program).parse().opts<Flags>()
  const progress = createProgress()
  const folder = await mkdtemp(join(tmpdir(), 'bench-peers-'))
  const lab = await startLab({ folder, ports: { lighthouse: 0, server: 0, page: 0 } }, progress)
  const results = new Map<string, Run[]>(MODES.map(({ name }) => [name, []]))
  try {
    for (let round = 0; round < flags.rounds; round++) {
      // Forwards, then backwards: this way, a drift of the machine favours no mode.
      for (const mode of round % 2 === 0 ? MODES : MODES.toReversed()) {
        const title = `Round ${round + 1} of ${flags.rounds}: ${mode.name}`
        results.get(mode.name)!.push(await progress.step(title, () => measure(lab, mode, flags, signal)))
      }
    }
  } finally {
    await lab.close()
    await rm(folder, { recursive: true })
  }
  console.log(`\n${tableOf(results, flags)}`)
  console.log('CPU of one tab ÷ CPU of a browser for each, round by round:')
  for (const mode of [ONE_TAB, ONE_CORE]) {
    const ratiosOf = (cpu: (run: Run) => number) => textOf(ratiosTo(BROWSER_PER_PEER, mode, results, cpu))
    console.log(`  ${mode}: browsers, while measured   ${ratiosOf(cpuMeasured)}`)
    console.log(`  ${mode}: whole run, with start-up   ${ratiosOf(({ cpuOfWholeRun }) => cpuOfWholeRun)}`)
  }
  // The one-core mode is not judged: the browsers that it is compared with use all cores.
  console.log(`Goal: ≤ ${GOAL} for ${ONE_TAB}, while measured`)
  return median(ratiosTo(BROWSER_PER_PEER, ONE_TAB, results, cpuMeasured)) <= GOAL ? 0 : 2
})

/** The runner refuses this mode if it cannot pin a browser to a core. */
const lastCore = () => allowedCores(new KernelFiles())?.at(-1) ?? 0

/** Runs one test. Rejects if peers failed: the cost of a mode that loses peers is not comparable. */
async function measure(
  lab: Lab,
  mode: Mode,
  { peers, duration, library }: Flags,
  signal: AbortSignal
): Promise<Run> {
  const cpuBefore = cpuOfMachine()
  const client = new ResultsClient({ url: lab.resultsServerUrl })
  const { id } = await client.createTest(undefined, { expectedPeers: peers, duration, warmup: 3, seed: 1 })
  const { runners, peersPerTab, browserCore } = mode.layout(peers)
  const outcomes = await Promise.all(
    Array.from({ length: runners }, (_, i) =>
      runClients(
        runnerConfiguration({
          testId: id,
          runnerId: `runner-${i}`,
          lighthouseUrl: lab.lighthouseUrl,
          resultsServerUrl: lab.resultsServerUrl,
          token: lab.pageToken,
          peersCount: peers / runners,
          peersPerTab,
          browserCore,
          library
        }),
        { clientUrl: lab.clientUrl, progress: new PlainProgress(() => undefined), signal }
      )
    )
  )
  const { summary } = await client.finishTest(id)
  const failures = outcomes.flatMap((outcome) => [...outcome.failures, ...outcome.timeouts])
  if (failures.length > 0 || !summary) throw new UserError(`${mode.name}: ${failures[0] ?? 'no summary'}`)
  return { summary, cpuOfWholeRun: cpuOfMachine() - cpuBefore }
}

/** Busy time of all cores since boot, in ms. */
function cpuOfMachine(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

const cpuMeasured = ({ summary }: Run) => summary.machine.cpuMsPerPeerSecond!

const textOf = (ratios: number[]) => ratios.map((ratio) => ratio.toFixed(2)).join(', ')

/** One value per round. */
function ratiosTo(
  base: string,
  mode: string,
  results: ReadonlyMap<string, Run[]>,
  cpu: (run: Run) => number
): number[] {
  return results.get(mode)!.map((run, round) => cpu(run) / cpu(results.get(base)![round]!))
}

function tableOf(results: ReadonlyMap<string, Run[]>, { peers, duration }: Flags): string {
  const table = new Table({
    head: [
      'mode',
      'CPU-ms per peer-second',
      '÷ browser each',
      'whole run',
      'packets per peer-second',
      'memory per peer',
      'delivery',
      'first connection, p95'
    ],
    style: { head: [], border: [] }
  })
  for (const [mode, runs] of results) {
    const of = (value: (run: Run) => number) => median(runs.map(value))
    table.push([
      mode,
      of(cpuMeasured).toFixed(1),
      median(ratiosTo(BROWSER_PER_PEER, mode, results, cpuMeasured)).toFixed(2),
      of(({ cpuOfWholeRun }) => cpuOfWholeRun / peers / duration).toFixed(1),
      of(({ summary }) => summary.wire.packetsPerPeerSecond!).toFixed(0),
      `${(of(({ summary }) => summary.machine.memoryPerPeer!) / 1e6).toFixed(0)} MB`,
      `${(100 * of(({ summary }) => summary.delivery.all!)).toFixed(1)} %`,
      `${of(({ summary }) => summary.connection.first!.p95).toFixed(0)} ms`
    ])
  }
  return table.toString()
}
