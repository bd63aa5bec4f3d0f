/** The flags of a test on this machine. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { parseThreshold, ThresholdError } from '../../analysis/thresholds'
import { ROUTINES } from '../../client/routines'
import { id, jsonObject, number, routine, whole } from '../flags'
import { LIBRARY_HELP, parseLibrary } from '../libraries/specification'
import type { LocalTest } from './test'

export interface LocalFlags extends Omit<LocalTest, 'library' | 'peerConfig' | 'thresholds' | 'labels'> {
  /** As chooseLibrary takes it. */
  library: string
  peerConfig?: Record<string, unknown>
  threshold: string[]
  label: Record<string, string>
  lighthousePort?: number
  serverPort?: number
  pagePort?: number
  keepOpen?: true
  open?: true
}

/** Measured (npm run bench:peers): a peer in a shared tab costs a third of one with a browser of its own. */
const PEERS_PER_TAB = 10

export function localTestCommand(): Command {
  return new Command('npm start --')
    .description(
      'Runs a whole test on this machine: Lighthouse, results server and peers in a headless browser.\n' +
        'Exit code 0: good. 1: something failed. 2: a threshold was missed. 3: the result is void.'
    )
    .addOption(flag('--peers <number>', 'simulated peers', whole(1, 1000)).default(10))
    .addOption(flag('--duration <seconds>', 'how long they run', number(1, 604_800)).default(30))
    .addOption(
      flag('--warmup <seconds>', 'first part of it, left out of the summary', number(0, 3600)).default(5)
    )
    .addOption(flag('--library <build>', LIBRARY_HELP, library).env('PEER_LIBRARY').default('layers'))
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
    .addOption(flag('--peer-config <json>', "the library's own options", jsonObject))
    .addOption(
      flag(
        '--threshold <expression>',
        "what the result must reach, e.g. 'delivery.position>=0.99' (repeatable)",
        threshold
      ).default([], 'none')
    )
    .addOption(flag('--label <name=value>', 'a label of the test (repeatable)', label).default({}, 'none'))
    .addOption(flag('--id <id>', "the test's name; drawn where absent", id))
    .addOption(flag('--lighthouse-port <number>', 'default 9000, or a free one', whole(1, 65_535)))
    .addOption(
      flag('--server-port <number>', 'of the results server; default 9904, or a free one', whole(1, 65_535))
    )
    .addOption(
      flag('--page-port <number>', 'of the client page; default 7654, or a free one', whole(1, 65_535))
    )
    .option('--open', 'open the report in the browser')
    .option('--keep-open', 'leave Lighthouse, results server and page running until Ctrl-C')
    .addHelpText(
      'after',
      () =>
        `\nRoutines:\n${routineLines().join('\n')}\n\nResults go to TEST_RESULTS_LOCATION, or ~/peer-performance-tests.`
    )
}

function flag<T>(name: string, what: string, parse: (text: string, previous: T) => T): Option {
  return new Option(name, what).argParser(parse)
}

function library(text: string): string {
  try {
    parseLibrary(text)
    return text
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function threshold(text: string, previous: string[]): string[] {
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

function routineLines(): string[] {
  return Object.entries(ROUTINES).map(([name, { description }]) => `  ${name.padEnd(14)}${description}`)
}
