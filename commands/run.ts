/** A whole test on this machine. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { Command, InvalidArgumentError, Option } from 'commander'
import { buildsTable, summaryText } from '../analysis/summary/summary-text'
import { chooseBuilds } from '../libraries/library'
import { refuseUnknownOptions } from '../libraries/library-options'
import { peersOfBuilds } from '../libraries/shares'
import type { Lab } from '../orchestration/lab'
import type { LocalOutcome } from '../orchestration/local-test'
import { openInBrowser } from '../cli/open-in-browser'
import { oldVariableTrouble } from '../runner/configuration'
import type { PeerResults } from '../protocol/peer-results'
import type { Summary } from '../protocol/summary'
import { checkPreconditions } from '../runner/preconditions'
import { connectingTrouble } from '../cli/network/connecting'
import { poolsRates, usualPeersPerTab } from '../cli/network/engine'
import { readDocument } from '../dashboard/model/document-stream'
import { writeReport } from '../dashboard/report/test-report'
import { aborted, JSON_FLAG, type Outcome } from '../cli/command'
import { exitCodeOf } from '../cli/exit-code'
import { createProgress, hasColours, type Progress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { httpUrl, id, refuseUnmeasured, thresholdFlag, whole } from '../cli/flags'
import { addOptions, optionValues } from '../cli/add-options'
import { addFleetFlags, refuseIdleFlags, type FleetFlags } from '../orchestration/fleet/fleet'
import { kebab, type SurfaceValues } from '../cli/surface'
import { ROUTINES } from '../protocol/names'

/* eslint-disable @typescript-eslint/no-require-imports -- browsers and servers load only when a test runs */
const labModule = () => require('../orchestration/lab') as typeof import('../orchestration/lab')
const testModule = () =>
  require('../orchestration/local-test') as typeof import('../orchestration/local-test')
const fleetModule = () =>
  require('../orchestration/fleet/fleet-test') as typeof import('../orchestration/fleet/fleet-test')
const browserModule = () => require('../runner/browser') as typeof import('../runner/browser')
const launchModule = () => require('../runner/launch') as typeof import('../runner/launch')

export interface LocalFlags extends SurfaceValues<'start'>, FleetFlags {
  plan?: true
  id?: string
  threshold: string[]
  label: Record<string, string>
  lighthousePort?: number
  serverPort?: number
  pagePort?: number
  allowUnknownOptions?: true
  keepOpen?: true
  open?: true
}

export function localTestCommand(): Command {
  const routines = Object.entries(ROUTINES).map(([name, what]) => `  ${name.padEnd(14)}${what}`)
  const command = new Command('npx peer-perf run').description(
    'Runs a whole test on this machine: Lighthouse, results server and peers in a headless browser.\n' +
      'Exit code 0: good. 1: something failed. 2: a threshold was missed. 3: the result is void.'
  )
  addOptions(command, 'start')
  command
    .addOption(thresholdFlag())
    .addOption(
      new Option('--label <name=value>', 'a label of the test (repeatable)')
        .argParser(label)
        .default({}, 'none')
    )
    .option('--id <id>', "the test's name (default: random)", id)
    .option('--lighthouse-port <number>', 'default 9000, or a free one', whole(1, 65_535))
    .option('--server-port <number>', 'of the results server; default 9904, or a free one', whole(1, 65_535))
    .option('--page-port <number>', 'of the client page; default 7654, or a free one', whole(1, 65_535))
    .option('--allow-unknown-options', 'pass options of --peer-config that the build does not declare')
    .option('--open', 'open the report in the browser')
    .option('--keep-open', 'leave Lighthouse, results server and page running until Ctrl-C')
  return addFleetFlags(command)
    .option('--plan', 'with --on: print how the peers fit the machines, and run nothing')
    .option('--results-server-url <url>', 'with --on: a results server that already runs', httpUrl)
    .option('--lighthouse-url <url>', 'with --on: a Lighthouse that already runs', httpUrl)
    .addHelpText(
      'after',
      `\nSeveral builds in one mesh, a tab for each: --library layers@0.2.17:4,layers@0.2.20:4\n\nRoutines:\n${routines.join('\n')}\n\nResults go to TEST_RESULTS_LOCATION, or ~/peer-performance-tests.`
    )
}

export const program = localTestCommand().option(...JSON_FLAG)

export async function run(signal: AbortSignal): Promise<Outcome> {
  const flags = checked(localFlags(program))
  checkPreconditions(flags)
  const progress = createProgress()
  const troubles = [oldVariableTrouble(process.env), connectingTrouble(flags)]
  for (const trouble of troubles) if (trouble !== undefined) progress.note(trouble)
  const shares = await chooseBuilds(flags.peerLibrary, (line) => progress.note(line))
  const counts = peersOfBuilds(shares, flags.peers)
  for (const { text, chosen } of shares)
    if (!flags.allowUnknownOptions) refuseUnknownOptions(text, flags.peerConfig, chosen.options)
  const { peerLibrary: build, on, threshold: thresholds } = flags
  const labels = { build, ...(on !== undefined && { on }), ...flags.label }
  const test = { ...flags, library: shares[0].chosen.library, thresholds, labels }
  if (on !== undefined) {
    const outcome = await fleetModule().runOn(test, shares, progress, signal)
    return 'layout' in outcome ? { exitCode: 0, document: outcome } : showOutcome(outcome)
  }
  const browser = await startingBrowser(progress)
  const ports = { lighthouse: flags.lighthousePort, server: flags.serverPort, page: flags.pagePort }
  const pages = shares.map(({ chosen }) => chosen.page)
  const lab = await progress
    .step('Starting Lighthouse, results server and page', () =>
      labModule().startLab({ ports, pages }, progress)
    )
    .catch(async (error: unknown) => {
      await browser.close()
      throw error
    })
  try {
    const { peersPerTab = usualPeersPerTab(flags.network) } = flags
    if (flags.peersPerTab === undefined && poolsRates(flags.network))
      progress.note(
        `Each peer gets a tab of its own: a tab has one line, and ${flags.network} has a rate. With --peers-per-tab, the peers of a tab pool their rates`
      )
    const builds = counts.map((peers, index) => ({ clientUrl: lab.clientUrls[index]!, peers }))
    const parts = { progress, signal, browser: browser.started }
    const outcome = await testModule().runLocalTest(lab, { ...test, peersPerTab, builds }, parts)
    const ending = await showOutcome(outcome)
    if (flags.keepOpen && !signal.aborted) await keepOpen(lab, signal)
    return ending
  } finally {
    await lab.close()
    await browser.close()
  }

  /** A test that did not start has nothing to show but why. */
  async function showOutcome(outcome: LocalOutcome): Promise<Outcome> {
    const { failures, timeouts, hasStarted, resultsFile, summary } = outcome
    for (const line of new Set([...failures, ...(hasStarted ? [] : timeouts)]))
      console.error(`Failed: ${line}`)
    const exitCode = exitCodeOf({ failed: failures.length > 0 || !summary, summary })
    const ending = { exitCode, document: { failures, timeouts, resultsFile, summary } }
    if (hasStarted) await present(resultsFile, summary, flags, signal)
    return ending
  }
}

/** Prints what a test came to and where it is, and writes its report. */
export async function present(
  resultsFile: string,
  summary: Summary | undefined,
  { open = false }: { open?: boolean },
  signal: AbortSignal
): Promise<void> {
  if (summary) console.log(`\n${summaryText(summary, { colour: hasColours() })}`)
  await tellBuilds(resultsFile)
  console.log(`Results: ${resultsFile}`)
  // Ctrl-C in a terminal also ends the bundler, which makes the report.
  if (signal.aborted) return
  const report = resultsFile.replace(/\.json$/, '.html')
  await writeReport(resultsFile, report)
  console.log(`Report: ${report}`)
  if (open) openInBrowser(report)
}

/** The browser starts in a process of its own while the rest of the program is loaded. */
async function startingBrowser(progress: Progress) {
  const tell = (line: string) => progress.note(line)
  const path = await browserModule().obtainBrowser(tell)
  const started = launchModule().launchBrowser(path, undefined, tell)
  // The step that waits for it reports the rejection.
  started.catch(() => undefined)
  const close = () => started.then((browser) => browser.close()).catch(() => undefined)
  return { started, close }
}

/** Without the data points, which after hours are longer than a text may be. */
export async function tellBuilds(resultsFile: string): Promise<void> {
  const peerResults: unknown[] = []
  const stream = Readable.toWeb(createReadStream(resultsFile)) as ReadableStream<Uint8Array>
  const keep = (key: string, entry: unknown) => key === 'peerResults' && peerResults.push(entry)
  await readDocument(stream, keep, 'dataPoints')
  const builds = buildsTable({ peerResults: Object.fromEntries(peerResults as [string, PeerResults][]) })
  if (builds !== undefined) console.log(`\n${builds}\n`)
}

async function keepOpen(lab: Lab, signal: AbortSignal): Promise<void> {
  console.log(
    `\nStill running, until Ctrl-C:\n  dashboard       ${lab.resultsServerUrl}\n` +
      `  Lighthouse      ${lab.lighthouseUrl}\n  client page     ${lab.clientUrl}`
  )
  await aborted(signal)
}

/** Throws CommanderError, or ends the process, if a flag is wrong. */
export function localFlags(command: Command): LocalFlags {
  const flags = command.opts<Omit<LocalFlags, keyof SurfaceValues<'start'>>>()
  return { ...flags, ...optionValues(command.opts(), 'start') }
}

const ONLY_ON = ['plan', 'resultsServerUrl', 'lighthouseUrl'] as const
const ONLY_HERE = ['lighthousePort', 'serverPort', 'pagePort', 'keepOpen'] as const

/** Throws UserError if the flags contradict each other. */
export function checked(flags: LocalFlags): LocalFlags {
  const { on } = flags
  refuseIdleFlags(flags)
  for (const name of on === undefined ? ONLY_ON : ONLY_HERE)
    if (flags[name] !== undefined)
      throw new UserError(
        `--${kebab(name)} is ${on === undefined ? 'for peers on other machines: add --on' : 'for a test on this machine: leave out --on'}, or leave it out`
      )
  refuseUnmeasured(flags)
  return flags
}

function label(text: string, previous: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]{1,64})=(.{0,1024})$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It must be like branch=main.')
  return { ...previous, [name]: value }
}
