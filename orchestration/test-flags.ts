/** The flags of a local test. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { UserError } from '../options/user-error'
import { httpUrl, id, refuseUnmeasured, thresholdFlag, whole } from '../options/flags'
import { addOptions, optionValues } from '../options/add-options'
import { addFleetFlags, refuseIdleFlags, type FleetFlags } from './fleet/fleet'
import { kebab, type SurfaceValues } from '../options/surface'
import { ROUTINES } from '../protocol/names'

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

/** Throws CommanderError, or ends the process, if a flag is wrong. */
export function localFlags(command: Command): LocalFlags {
  const flags = command.opts<Omit<LocalFlags, keyof SurfaceValues<'start'>>>()
  return { ...flags, ...optionValues(command.opts(), 'start') }
}

const ROUTINE_LINES = Object.entries(ROUTINES).map(([name, what]) => `  ${name.padEnd(14)}${what}`)

export function localTestCommand(): Command {
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
      `\nSeveral builds in one mesh, a tab for each: --library layers@0.2.17:4,layers@0.2.20:4\n\nRoutines:\n${ROUTINE_LINES.join('\n')}\n\nResults go to TEST_RESULTS_LOCATION, or ~/peer-performance-tests.`
    )
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
