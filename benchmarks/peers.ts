/**
 * What a simulated peer costs: each with a browser of its own, each in a tab of its own, all in one tab, or in one tab whose browser keeps to
 * one core. The four take turns in one run on one machine, so that what else happens there strikes all alike. `npm run bench:peers -- --help`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import Table from 'cli-table3'
import { Command, Option } from 'commander'
import { whole } from '../commands/flags'
import { startLab, type Lab } from '../commands/local/lab'
import { ResultsClient } from '../protocol/api-client'
import type { Summary } from '../protocol/summary'
import { runCommand } from '../runner/command'
import { readConfiguration } from '../runner/configuration'
import { allowedCores } from '../runner/machine/host'
import { KernelFiles } from '../runner/machine/kernel-files'
import { createProgress, PlainProgress } from '../runner/progress'
import { runClients } from '../runner/run'
import { UserError } from '../runner/user-error'
import { median } from './median'

interface Flags {
  peers: number
  duration: number
  rounds: number
  library: 'layers' | 'islands'
}

interface Run {
  summary: Summary
  /** Of all that ran on the machine, from before the browsers' start until after their end, in ms. */
  cpuOfWholeRun: number
}

interface Mode {
  name: string
  /** Runners (each with a browser), and peers in each of their tabs. */
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
  .addOption(
    new Option('--library <generation>', 'peer library').choices(['layers', 'islands']).default('layers')
  )

runCommand(async (signal) => {
  const flags = program.parse().opts<Flags>()
  const progress = createProgress()
  const folder = await mkdtemp(join(tmpdir(), 'bench-peers-'))
  const lab = await startLab({ folder, ports: { lighthouse: 0, server: 0, page: 0 } }, progress)
  const results = new Map<string, Run[]>(MODES.map(({ name }) => [name, []]))
  try {
    for (let round = 0; round < flags.rounds; round++) {
      // Forwards, then backwards: a drift of the machine then favours none.
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
  // On one core is no measure of it: the browsers of the mode it is divided by use all.
  console.log(`Goal: ≤ ${GOAL} for ${ONE_TAB}, while measured`)
  return median(ratiosTo(BROWSER_PER_PEER, ONE_TAB, results, cpuMeasured)) <= GOAL ? 0 : 2
})

/** Where there is none that a browser can be kept on, the runner refuses it. */
const lastCore = () => allowedCores(new KernelFiles())?.at(-1) ?? 0

/** One test. Rejects where peers failed: a mode that loses peers has no cost to compare. */
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
        readConfiguration({
          TEST_ID: id,
          RUNNER_ID: `runner-${i}`,
          LIGHTHOUSE_URL: lab.lighthouseUrl,
          RESULTS_SERVER_URL: lab.resultsServerUrl,
          PEERS_COUNT: String(peers / runners),
          PEERS_PER_TAB: String(peersPerTab),
          BROWSER_CORE: browserCore?.toString(),
          LIBRARY: library
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

/** Busy time of all cores since the machine's start, in ms. */
function cpuOfMachine(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

const cpuMeasured = ({ summary }: Run) => summary.machine.cpuMsPerPeerSecond!

const textOf = (ratios: number[]) => ratios.map((ratio) => ratio.toFixed(2)).join(', ')

/** Round by round. */
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
