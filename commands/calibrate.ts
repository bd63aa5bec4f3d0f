/** How many peers can this machine carry, and which settings fit a number of machines? */
import { availableParallelism } from 'node:os'
import { Command } from 'commander'
import { counted, formatMetric } from '../analysis/format'
import { table } from '../analysis/text'
import { MACHINE_RULES } from '../analysis/validity/rules'
import {
  basisOf,
  findCalibration,
  keepCalibration,
  speedOf,
  thisMachine,
  type Load
} from '../runner/calibration'
import { flagsOf, layOut, layoutLines, settingsThatFit } from '../runner/layout'
import { LIMITS } from '../protocol/limits'
import { JSON_FLAG, type Outcome } from '../cli/command'
import { exitCodeOf } from '../cli/exit-code'
import { poolsRates } from '../cli/network/engine'
import { createProgress, PlainProgress } from '../cli/progress'
import { quoted } from '../cli/quoted'
import { resultsFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { mostThatHolds } from '../orchestration/capacity-search'
import { number, typedOptions, whole } from '../cli/flags'
import { addOptions, optionValues } from '../cli/add-options'
import { chooseLibrary } from '../libraries/library'
import type { SurfaceValues } from '../cli/surface'
import { startLab } from '../orchestration/lab'
import { runLocalTest, type LocalOutcome } from '../orchestration/local-test'

interface Flags extends SurfaceValues<'calibrate'> {
  maxPeers: number
  peers?: number
  machines?: number
  cores?: number
}

type Trial = LocalOutcome & { tabs: number; peersPerTab: number }

/** Where calibration starts; most machines can carry more. */
const FIRST_PEERS = 6
export const program = new Command('npx peer-perf calibrate').description(
  'Finds how many peers this machine carries: raises the peers of a tab, then the tabs, until it is overloaded.\n' +
    'Takes some minutes; nothing else should run meanwhile. Runners warn when asked for more than it finds.\n' +
    'With --peers, only prints the settings of such a test that fit the machines.\nExit code 2: none do. 3: not measured.'
)
addOptions(program, 'calibrate')
program
  // A layer or island holds no more.
  .option('--max-peers <number>', 'where to stop', whole(2, 1000), 100)
  .optionsGroup('Settings of a large test:')
  .option('--peers <number>', 'its peers', whole(2, LIMITS.peersPerTest))
  .option('--machines <number>', 'machines for it (default: 1)', whole(1, LIMITS.runnersPerTest))
  .option('--cores <number>', 'cores of each, for its peers (default: those of this one)', number(0.01, 1000))
  .option(...JSON_FLAG)

export async function run(signal: AbortSignal): Promise<Outcome> {
  const flags = { ...program.opts<Flags>(), ...optionValues(program.opts(), 'calibrate') }
  const { peers, machines, cores, maxPeers, duration, routine, messageTypes, network, mesh } = flags
  if (peers === undefined && (machines !== undefined || cores !== undefined))
    throw new UserError('--machines and --cores say where a large test runs: add --peers, or leave them out')
  const idle = typedOptions(program).find(({ long }) => ['--max-peers', '--duration'].includes(long!))
  if (peers !== undefined && idle)
    throw new UserError(`${idle.long!} is for measuring, and --peers measures nothing: leave one of them out`)
  const progress = createProgress()
  const chosen = await chooseLibrary(flags.peerLibrary, (line) => progress.note(line))
  // Runners know a build by its generation.
  const load = { library: chosen.library, routine, messageTypes, network, mesh } satisfies Load
  if (peers !== undefined) return settingsFor(peers, load, flags)
  const lab = await progress.step('Starting Lighthouse, results server and page', () =>
    startLab({ pages: [chosen.page] }, progress)
  )
  const trials: Trial[] = []
  try {
    const peersInOneTab = await mostPeers(1, FIRST_PEERS)
    if (peersInOneTab === 0)
      throw new UserError(`This machine carries not even two peers: ${breach(trials.at(-1)!)!.why}`)
    let best = { tabs: 1, peers: peersInOneTab }
    for (let tabs = 2; tabs <= 2 * availableParallelism(); tabs *= 2) {
      const peers = tabs * (await mostPeers(tabs, Math.ceil(best.peers / tabs)))
      if (peers <= best.peers) break
      best = { tabs, peers }
    }
    console.log(`\n${tableOf(trials)}`)
    const found = { ...thisMachine(), ...load, ...best, peersInOneTab, at: Date.now() }
    console.log(adviceFor(best, flags))
    console.log(`Kept in ${keepCalibration(resultsFolder(), found)}`)
    return { exitCode: 0, document: { ...found, duration } }
  } catch (error) {
    if (!(error instanceof NotMeasured)) throw error
    console.log(`\n${tableOf(trials)}\nNot measured, and nothing is saved: ${error.message}`)
    return { exitCode: exitCodeOf({ isUnmeasured: true }), document: { notMeasured: error.message } }
  } finally {
    await lab.close()
  }

  /** The most peers per tab with this many tabs. */
  function mostPeers(tabs: number, start: number): Promise<number> {
    const doesHold = async (peersPerTab: number) => {
      signal.throwIfAborted()
      const trial = await tryOut(tabs, peersPerTab)
      // A trial that was stopped says nothing of the machine.
      signal.throwIfAborted()
      trials.push(trial)
      return holds(trial)
    }
    // A peer alone measures nothing.
    return mostThatHolds(doesHold, { start, limit: Math.floor(maxPeers / tabs), least: tabs === 1 ? 2 : 1 })
  }

  function tryOut(tabs: number, peersPerTab: number): Promise<Trial> {
    const test = {
      ...load,
      ...{ peers: tabs * peersPerTab, peersPerTab, duration },
      warmup: Math.min(3, duration / 2),
      thresholds: [],
      labels: { calibration: 'true' }
    }
    const quiet = new PlainProgress(() => undefined)
    return progress.step(`${test.peers} peers in ${counted(tabs, 'tab')}`, async (update) => {
      const outcome = await runLocalTest(lab, test, { progress: quiet, signal })
      update(breach(outcome)?.rule ?? 'holds')
      return { tabs, peersPerTab, ...outcome }
    })
  }
}

function settingsFor(peers: number, load: Load, flags: Flags): Outcome {
  const { mesh, messageTypes, machines: count = 1, cores = thisMachine().cores } = flags
  const calibration = findCalibration(resultsFolder(), load)
  const wanted = { peers, mesh, messageTypes, ...(poolsRates(load.network) && { tabHolds: 1 }) }
  const speed = calibration && speedOf(calibration)
  const fitting = settingsThatFit(wanted, { count, cores }, speed)
  const { obstacle } = layOut(wanted, { count, cores }, speed)
  if (obstacle !== undefined) console.log(`${peers} peers as asked do not fit: ${obstacle}.`)
  if (fitting.length === 0)
    console.log('Nor does anything else: take more machines, or larger ones, or fewer peers.')
  for (const { tests, layout } of fitting) {
    console.log(`\nFits${tests > 1 ? `, as ${tests} tests at once, each with a Lighthouse of its own` : ''}:`)
    for (const line of layoutLines(layout)) console.log(`  ${line}`)
    console.log(`  npx peer-perf run --on ssh:hosts.txt ${flagsOf(layout)} ${loadOf(flags)}`)
  }
  console.log(`\nEstimated ${basisOf(calibration)}.`)
  return { exitCode: fitting.length > 0 ? 0 : 2, document: { wanted, obstacle, fitting } }
}

type Judged = Pick<LocalOutcome, 'summary' | 'failures'>

/** Why a trial broke; undefined if it held. Only a rule about machines shows a limit of this one. */
function breach({ summary, failures }: Judged) {
  const limit = summary?.reasons.find(({ rule }) => MACHINE_RULES.has(rule))
  const failure = limit ? undefined : failures[0]
  const reason = limit ?? summary?.reasons[0]
  if (summary && !failure && !reason) return undefined
  const why = reason ? `${reason.what} ${reason.advice}` : 'nothing was measured'
  return { isLimit: limit !== undefined, rule: failure ?? reason?.rule ?? 'no summary', why: failure ?? why }
}

export class NotMeasured extends Error {}

/** Whether the machine carries a trial. Throws NotMeasured if the trial broke for another reason. */
export function holds(trial: Judged): boolean {
  const broken = breach(trial)
  if (broken && !broken.isLimit) throw new NotMeasured(broken.why)
  return broken === undefined
}

function tableOf(trials: readonly Trial[]): string {
  const sorted = [...trials].sort((a, b) => a.tabs - b.tabs || a.peersPerTab - b.peersPerTab)
  const rows = sorted.map(({ tabs, peersPerTab, ...outcome }) => [
    ...[tabs, peersPerTab, tabs * peersPerTab].map(String),
    formatMetric(outcome.summary?.machine.cpuUsageMax ?? null, 'ratio'),
    formatMetric(outcome.summary?.ticks.lateness?.p95 ?? null, 'ms'),
    formatMetric(outcome.summary?.delivery.all ?? null, 'ratio'),
    breach(outcome)?.rule ?? 'holds'
  ])
  return table(['tabs', 'peers a tab', 'peers', 'CPU', 'ticks late, p95', 'delivery', 'result'], rows)
}

const loadOf = ({ peerLibrary, routine, network }: Flags) =>
  `--library ${quoted(peerLibrary)} --routine ${routine} --network ${quoted(network)}`

/** Names everything that the result holds for: the defaults may change. */
function adviceFor({ tabs, peers }: { tabs: number; peers: number }, flags: Flags): string {
  const { messageTypes, mesh } = flags
  const perTab = peers / tabs
  const load = `${loadOf(flags)} --message-types ${messageTypes} --mesh ${mesh}`
  return (
    `This machine carries ${peers} such peers in one mesh, in ${counted(tabs, 'tab')} of ${perTab}:\n` +
    `  npx peer-perf run --peers ${peers} --peers-per-tab ${perTab} ${load}\n` +
    `  as a runner of a larger test, where each peer hears more others, fewer: see docs/calibration.md`
  )
}
