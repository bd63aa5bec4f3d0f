/** A whole test on this machine. */
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { buildsTable, summaryText } from '../analysis/summary/summary-text'
import { chooseBuilds } from '../client/builds/library'
import { refuseUnknownOptions } from '../client/builds/library-options'
import { peersOfBuilds } from '../client/builds/shares'
import { checked, localFlags, localTestCommand } from '../orchestration/test-flags'
import type { Lab } from '../orchestration/lab'
import type { LocalOutcome } from '../orchestration/local-test'
import { openInBrowser } from '../options/open-in-browser'
import { oldVariableTrouble } from '../runner/configuration'
import type { PeerResults } from '../protocol/peer-results'
import { checkPreconditions } from '../runner/preconditions'
import { connectingTrouble } from '../options/network/connecting'
import { poolsRates, usualPeersPerTab } from '../options/network/engine'
import { readDocument } from '../dashboard/model/document-stream'
import { writeReport } from '../dashboard/report/test-report'
import { aborted, JSON_FLAG, type Outcome } from '../options/command'
import { exitCodeOf } from '../options/exit-code'
import { createProgress, hasColours, type Progress } from '../options/progress'

/* eslint-disable @typescript-eslint/no-require-imports -- browsers and servers load only when a test runs */
const labModule = () => require('../orchestration/lab') as typeof import('../orchestration/lab')
const testModule = () =>
  require('../orchestration/local-test') as typeof import('../orchestration/local-test')
const runOnModule = () =>
  require('../orchestration/fleet/run-on') as typeof import('../orchestration/fleet/run-on')
const browserModule = () => require('../runner/browser') as typeof import('../runner/browser')
const launchModule = () => require('../runner/launch') as typeof import('../runner/launch')

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
  if (flags.on !== undefined) {
    const outcome = await runOnModule().runOn(flags, shares, progress, signal)
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
    const test = {
      ...flags,
      peersPerTab,
      library: shares[0].chosen.library,
      builds: counts.map((peers, index) => ({ clientUrl: lab.clientUrls[index]!, peers })),
      thresholds: flags.threshold,
      labels: { build: flags.peerLibrary, ...flags.label }
    }
    const parts = { progress, signal, browser: browser.started }
    const outcome = await testModule().runLocalTest(lab, test, parts)
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
    if (!hasStarted) return ending
    if (summary) console.log(`\n${summaryText(summary, { colour: hasColours() })}`)
    await tellBuilds(resultsFile)
    console.log(`Results: ${resultsFile}`)
    // Ctrl-C in a terminal also ends the bundler, which makes the report.
    if (signal.aborted) return ending
    const report = resultsFile.replace(/\.json$/, '.html')
    await writeReport(resultsFile, report)
    console.log(`Report: ${report}`)
    if (flags.open) openInBrowser(report)
    return ending
  }
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
