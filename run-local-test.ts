/** A whole test on this machine, with one command: `npm start -- --help` */
import { summaryText } from './analysis/summary-text'
import { chooseLibrary } from './commands/libraries/library'
import { localTestCommand, type LocalFlags } from './commands/local/flags'
import { startLab, type Lab } from './commands/local/lab'
import { openInBrowser } from './commands/open-in-browser'
import { runLocalTest } from './commands/local/test'
import { writeReport } from './dashboard/report-file'
import { runCommand } from './runner/command'
import { createProgress } from './runner/progress'

runCommand(async (signal) => {
  const flags = localTestCommand().parse().opts<LocalFlags>()
  const progress = createProgress()
  const { library, page } = await chooseLibrary(flags.library, (line) => {
    progress.note(line)
  })
  const lab = await progress.step('Starting Lighthouse, results server and page', () =>
    startLab({ ports: portsOf(flags), page }, progress)
  )
  try {
    const test = {
      ...flags,
      library,
      peerConfig: flags.peerConfig && JSON.stringify(flags.peerConfig),
      thresholds: flags.threshold,
      labels: { build: flags.library, ...flags.label }
    }
    const outcome = await runLocalTest(lab, test, { progress, signal })
    if (outcome.summary) console.log(`\n${summaryText(outcome.summary, { colour: process.stdout.isTTY })}`)
    for (const line of outcome.failures) console.error(`Failed: ${line}`)
    console.log(`Results: ${outcome.resultsFile}`)
    // Ctrl-C in a terminal ends the bundler as well, which makes the report.
    if (!signal.aborted) await report(outcome.resultsFile, flags.open)
    if (flags.keepOpen && !signal.aborted) await keepOpen(lab, signal)
    return outcome.exitCode
  } finally {
    await lab.close()
  }
})

function portsOf({ lighthousePort, serverPort, pagePort }: LocalFlags) {
  return { lighthouse: lighthousePort, server: serverPort, page: pagePort }
}

async function report(resultsFile: string, open = false): Promise<void> {
  const file = resultsFile.replace(/\.json$/, '.html')
  await writeReport(resultsFile, file)
  console.log(`Report: ${file}`)
  if (open) openInBrowser(file)
}

async function keepOpen(lab: Lab, signal: AbortSignal): Promise<void> {
  console.log(
    `\nStill running, until Ctrl-C:\n  dashboard       ${lab.resultsServerUrl}\n` +
      `  Lighthouse      ${lab.lighthouseUrl}\n  client page     ${lab.clientUrl}`
  )
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
  })
}
