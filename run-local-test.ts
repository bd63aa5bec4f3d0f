/** A whole test on this machine, with one command: `npm start -- --help` */
import { Command, InvalidArgumentError, Option } from 'commander'
import { summaryText } from './analysis/summary-text'
import { parseThreshold, ThresholdError } from './analysis/thresholds'
import { ROUTINES } from './client/routines'
import { parseMixture } from './client/mixture'
import { startLab, type Lab } from './commands/local/lab'
import { runLocalTest, type LocalTest } from './commands/local/test'
import { idSchema } from './protocol/primitives'
import { runCommand } from './runner/command'
import { createProgress } from './runner/progress'

interface Flags extends Omit<LocalTest, 'thresholds' | 'labels'> {
  threshold: string[]
  label: Record<string, string>
  lighthousePort?: number
  serverPort?: number
  pagePort?: number
  keepOpen?: true
}

/** Measured on two cores (npm run bench:peers): a peer in a shared tab costs a quarter of one with a browser of its own. */
const PEERS_PER_TAB = 10

const program = new Command('npm start --')
  .description(
    'Runs a whole test on this machine: Lighthouse, results server and peers in a headless browser.\n' +
      'Exit code 0: good. 1: something failed. 2: a threshold was missed. 3: the result is void.'
  )
  .addOption(flag('--peers <number>', 'simulated peers', whole(1, 1000)).default(10))
  .addOption(flag('--duration <seconds>', 'how long they run', number(1, 604_800)).default(30))
  .addOption(
    flag('--warmup <seconds>', 'first part of it, left out of the summary', number(0, 3600)).default(5)
  )
  .addOption(
    new Option('--library <generation>', 'peer library').choices(['layers', 'islands']).default('layers')
  )
  .addOption(
    flag('--routine <name>', 'what the peers do; a mixture: loops:8,churn:2', routine).default('stand')
  )
  .addOption(
    new Option('--message-types <kind>', 'how the peers send')
      .choices(['faithful', 'deduplicated'])
      .default('faithful')
  )
  .addOption(
    new Option('--mesh <kind>', 'full: everyone connects to everyone')
      .choices(['usual', 'full'])
      .default('usual')
  )
  .addOption(
    flag('--peers-per-tab <number>', 'peers in one browser tab', whole(1, 500)).default(PEERS_PER_TAB)
  )
  .addOption(flag('--seed <number>', 'decides everything random; drawn where absent', whole(0, 0xffffffff)))
  .option('--peer-config <json>', 'options for the peer library')
  .addOption(
    flag(
      '--threshold <expression>',
      "what the result must reach, e.g. 'delivery.position>=0.99' (repeatable)",
      thresholds
    ).default([], 'none')
  )
  .addOption(flag('--label <name=value>', 'a label of the test (repeatable)', label).default({}, 'none'))
  .addOption(flag('--id <id>', "the test's name; drawn where absent", testId))
  .addOption(flag('--lighthouse-port <number>', 'default 9000, or a free one', whole(1, 65_535)))
  .addOption(
    flag('--server-port <number>', 'of the results server; default 9904, or a free one', whole(1, 65_535))
  )
  .addOption(
    flag('--page-port <number>', 'of the client page; default 7654, or a free one', whole(1, 65_535))
  )
  .option('--keep-open', 'leave Lighthouse, results server and page running until Ctrl-C')
  .addHelpText(
    'after',
    () =>
      `\nRoutines:\n${routineLines().join('\n')}\n\nResults go to TEST_RESULTS_LOCATION, or ~/peer-performance-tests.`
  )

runCommand(async (signal) => {
  const flags = program.parse().opts<Flags>()
  const progress = createProgress()
  const { lighthousePort, serverPort, pagePort } = flags
  const ports = { lighthouse: lighthousePort, server: serverPort, page: pagePort }
  const lab = await progress.step('Starting Lighthouse, results server and page', () =>
    startLab({ ports }, progress)
  )
  try {
    const outcome = await runLocalTest(
      lab,
      { ...flags, thresholds: flags.threshold, labels: flags.label },
      { progress, signal }
    )
    if (outcome.summary) console.log(`\n${summaryText(outcome.summary, { colour: process.stdout.isTTY })}`)
    for (const line of outcome.failures) console.error(`Failed: ${line}`)
    console.log(`Results: ${outcome.resultsFile}`)
    if (flags.keepOpen && !signal.aborted) await keepOpen(lab, signal)
    return outcome.exitCode
  } finally {
    await lab.close()
  }
})

async function keepOpen(lab: Lab, signal: AbortSignal): Promise<void> {
  console.log(
    `\nStill running, until Ctrl-C:\n  results server  ${lab.resultsServerUrl}\n` +
      `  Lighthouse      ${lab.lighthouseUrl}\n  client page     ${lab.clientUrl}`
  )
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve)
  })
}

function flag<T>(name: string, what: string, parse: (text: string, previous: T) => T): Option {
  return new Option(name, what).argParser(parse)
}

function number(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (!/^\d+(\.\d+)?$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`It must be a number from ${from} to ${to}.`)
    return value
  }
}

function whole(from: number, to: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text))
      throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`)
    return number(from, to)(text)
  }
}

function routine(text: string): string {
  try {
    return parseMixture(text).text
  } catch (error) {
    throw new InvalidArgumentError(`It ${(error as Error).message}.`)
  }
}

function thresholds(text: string, previous: string[]): string[] {
  try {
    parseThreshold(text)
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error
    throw new InvalidArgumentError(`${error.message}\n${error.pointer}`)
  }
  return [...previous, text]
}

function label(text: string, previous: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]{1,64})=(.{0,1024})$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It must be like branch=main.')
  return { ...previous, [name]: value }
}

function testId(text: string): string {
  if (!idSchema.safeParse(text).success)
    throw new InvalidArgumentError('It must be 1 to 64 letters, digits, "_" or "-".')
  return text
}

function routineLines(): string[] {
  return Object.entries(ROUTINES).map(([name, { description }]) => `  ${name.padEnd(14)}${description}`)
}
