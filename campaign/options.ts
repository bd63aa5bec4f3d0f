/** The flags shared by all commands that run builds in turn. */
import { Option, type Command } from 'commander'
import { DEFAULT_PRIMARY } from '../analysis/comparison/metric-choice'
import { UserError } from '../cli/user-error'
import { id, listOf, metric, share, whole } from '../cli/flags'
import { addOptions } from '../cli/options'
import { behaviourOf, type Behaviour } from '../options/behaviour'
import type { SurfaceValues } from '../options/surface'
import { ENGINES, type Engine } from '../protocol/names'
import type { Setting } from './plan'
import type { CommonOptions } from './variant'

/** Flags from the options table, and those that only campaigns have. */
export interface CampaignFlags extends SurfaceValues<'campaign'> {
  blocks: number
  metric?: string
  secondary?: string[]
  margin?: number
  id?: string
  resume?: string
  runners?: string
  engine: Engine
  allowUnknownOptions?: boolean
}

export interface CampaignDefaults {
  blocks: number
  peers: number
  duration: number
}

export function addCampaignOptions(program: Command, { blocks, ...defaults }: CampaignDefaults): void {
  const flag = (name: string, what: string, parse: (text: string) => unknown) =>
    new Option(name, what).argParser(parse)
  program.addOption(
    flag(
      '--blocks <number>',
      'exactly so many runs of each build; with fewer than 8 the gate cannot pass',
      whole(1, 1000)
    ).default(blocks)
  )
  addOptions(program, 'campaign', { defaults })
  program
    .addOption(flag('--metric <path>', `the primary metric (default ${DEFAULT_PRIMARY})`, metric))
    .addOption(
      flag(
        '--secondary <paths>',
        'others, separated by commas; they share 5 % of false alarms',
        listOf(metric)
      )
    )
    .addOption(
      flag(
        '--margin <share>',
        'largest change that does not matter (default: 0.5% for counted metrics, 3% for timed ones)',
        share
      )
    )
    .addOption(flag('--id <id>', 'name of the comparison; by default its date', id))
    .addOption(flag('--resume <id>', 'resume one that was stopped; finished runs are not repeated', id))
    .addOption(
      new Option(
        '--engine <engine>',
        'simulation: in virtual time, counted metrics only, no noise (docs/simulation.md)'
      )
        .choices(ENGINES)
        .default('browser')
    )
    .option('--allow-unknown-options', 'pass options that a build does not declare')
    .option(
      '--runners <command>',
      'starts the runners of each test elsewhere, by the variables in its environment'
    )
}

export function settingOf(flags: CampaignFlags): Setting {
  const { peers, peersPerTab = peers, duration, warmup, routine, engine } = flags
  if (warmup >= duration)
    throw new UserError(
      `--warmup ${warmup} leaves nothing of --duration ${duration}: make one shorter or the other longer`
    )
  const setting = { peers, peersPerTab, duration, warmup, routine }
  return engine === 'simulation' ? { ...setting, engine } : setting
}

/** The behaviour of all builds, as set on the command line. */
export function commonOptions(flags: CampaignFlags): CommonOptions {
  const common: CommonOptions & Partial<Behaviour> = behaviourOf(flags)
  delete common.routine
  return common
}
