import { createHash, randomInt } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { id, number, refuseUnmeasured, thresholdFlag, whole } from '../cli/flags'
import { addOptions, optionValues } from '../cli/add-options'
import { refuseUnknownOptions } from '../libraries/library-options'
import { usualPeersPerTab } from '../cli/network/engine'
import { behaviourOf } from '../cli/behaviour'
import { UserError } from '../cli/user-error'
import { ID_PATTERN } from '../protocol/limits'
import type { SurfaceValues } from '../cli/surface'
import { parseFault, type Fault } from './fault-text'
import { planOf, type Builds, type Plan } from './plan'

/** The flags from the table of options, and those that only simulations have. */
export interface SimulateFlags extends SurfaceValues<'simulate'> {
  runs: number
  threads?: number
  peersPerPage?: number
  costOfPacket: number
  costOfTimer: number
  fault: Fault[]
  threshold: string[]
  id?: string
  allowUnknownOptions?: true
  open?: true
}

export const FAULT_HELP =
  'what goes wrong (repeatable): death@20s:3, partition@20s-30s:4, storm@20s-30s:4, lighthouse@20s-22s'

export function simulateFlags(command: Command): SimulateFlags {
  const flags = command.opts<Omit<SimulateFlags, keyof SurfaceValues<'simulate'>>>()
  if (flags.open && flags.runs > 1) throw new UserError('--open opens the report of one run: give --runs 1')
  const values = optionValues(command.opts(), 'simulate')
  refuseUnmeasured(values)
  return { ...flags, ...values }
}

export function simulateCommand(): Command {
  const command = new Command('npx peer-perf simulate').description(
    'Runs a test in virtual time: the real peer library and Lighthouse, a simulated network, no browser.\n' +
      'It counts exactly and says nothing about CPU (docs/simulation.md). Same seed, same results.\n' +
      'Exit code 0: good. 1: something failed. 2: a threshold was missed. 3: the result is void.'
  )
  addOptions(command, 'simulate')
  return command
    .addOption(new Option('--fault <text>', FAULT_HELP).argParser(fault).default([], 'none'))
    .option('--runs <number>', 'seeds, counted from --seed on, over all cores', whole(1, 10_000), 1)
    .option('--threads <number>', 'runs at a time (default: one for each core)', whole(1, 256))
    .option(
      '--peers-per-page <number>',
      'peers that share a page and its thread (default: 10; 1 on lines with a rate, as in npm start)',
      whole(1, 1000)
    )
    .option('--cost-of-packet <ms>', 'CPU time of a packet, so that overload shows', number(0, 1000), 0)
    .option('--cost-of-timer <ms>', 'CPU time of a timer', number(0, 1000), 0)
    .addOption(thresholdFlag())
    .option('--id <id>', "the test's name (default: made of the flags)", id)
    .option('--allow-unknown-options', 'pass options of --peer-config that the build does not declare')
    .option('--open', 'open the report in the browser')
    .addHelpText(
      'after',
      '\nSeveral builds in one mesh: --library layers@0.2.17:50,layers@0.2.20:50. layers@0.2.17 is short for\n' +
        'decentraland-katalyst-peer@0.2.17.\nResults go to TEST_RESULTS_LOCATION, or ~/peer-performance-tests.'
    )
}

/** One plan per run. Throws UserError. */
export function plansOf(flags: SimulateFlags, builds: Builds): Plan[] {
  const { runs, seed = randomInt(2 ** 32) } = flags
  for (const { text, options } of builds)
    if (!flags.allowUnknownOptions) refuseUnknownOptions(text, flags.peerConfig, options)
  const name = flags.id ?? nameOf(flags, seed)
  if (runs > 1 && !ID_PATTERN.test(`${name}-${runs}`))
    throw new UserError(
      `--id ${name} is too long for --runs ${runs}: each run adds its number, and an id has 64 characters at most`
    )
  const { peers, duration, warmup, costOfPacket, costOfTimer, threshold: thresholds, fault: faults } = flags
  return Array.from({ length: runs }, (_, run) =>
    planOf({
      ...behaviourOf(flags),
      id: runs === 1 ? name : `${name}-${run + 1}`,
      seed: (seed + run) % 2 ** 32,
      peers,
      duration,
      warmup,
      builds,
      faults,
      costOfPacket,
      costOfTimer,
      thresholds,
      labels: { build: flags.peerLibrary },
      peersPerPage: flags.peersPerPage ?? usualPeersPerTab(flags.network)
    })
  )
}

/** Equal flags give an equal name, because equal runs must be equal to the byte. */
function nameOf(flags: SimulateFlags, seed: number): string {
  const decisive = { ...flags, seed, json: undefined, open: undefined, threads: undefined }
  // In no order that the user chose.
  const sorted = Object.entries(decisive).sort(([one], [other]) => (one < other ? -1 : 1))
  const digest = createHash('sha256').update(JSON.stringify(sorted)).digest('hex')
  return `simulated-${seed}-${digest.slice(0, 6)}`
}

export function fault(text: string, previous: Fault[]): Fault[] {
  try {
    return [...previous, parseFault(text)]
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}
