/** The flags shared by all commands that compare builds. */
import { randomInt } from 'node:crypto'
import { Option, type Command } from 'commander'
import { DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../analysis/comparison/metric-choice'
import { UserError } from '../cli/user-error'
import { id, listOf, metric, refuseUnmeasured, share, typedOptions, whole } from '../cli/flags'
import { addOptions } from '../cli/add-options'
import { behaviourOf, type Behaviour } from '../cli/behaviour'
import { kebab, type SurfaceValues } from '../cli/surface'
import { ENGINES, type Engine } from '../protocol/names'
import { checkPreconditions } from '../runner/preconditions'
import type { Design } from './arrangement'
import type { Elsewhere } from './browser-bench'
import { addFleetFlags, refuseIdleFlags, type FleetFlags } from './fleet/fleet'
import { MOST_BLOCKS, newId, type Plan, type Setting } from './plan'
import { COUNTED_PRIMARY, COUNTED_SECONDARY } from './simulated-bench'
import { ownOptionsOf, parseVariant, type CommonOptions } from './variant'

export interface CampaignFlags
  extends SurfaceValues<'campaign'>, Omit<FleetFlags, keyof SurfaceValues<'campaign'>> {
  blocks?: number
  metric?: string
  secondary?: string[]
  margin?: number
  design?: Design
  id?: string
  resume?: string
  engine: Engine
  allowUnknownOptions?: boolean
}

/** Without `blocks`: as many as it takes. */
export function addCampaignOptions(
  program: Command,
  { blocks, ...defaults }: { blocks?: number; peers: number; duration: number }
): Command {
  program
    .optionsGroup('How many:')
    .option(
      '--blocks <number>',
      'run exactly this many blocks; with fewer than 8 the usual gate cannot pass',
      whole(1, MOST_BLOCKS),
      blocks
    )
    .option('--id <id>', 'name of the comparison; by default its date', id)
    .option('--resume <id>', 'resume one that was stopped; finished runs are not repeated', id)
    .optionsGroup('Conditions:')
  addOptions(program, 'campaign', defaults)
  program
    .addOption(
      new Option(
        '--engine <engine>',
        'simulation: in virtual time, counted metrics only, no noise (docs/simulation.md)'
      )
        .choices(ENGINES)
        .default('browser')
    )
    .option('--allow-unknown-options', 'pass options that a build does not declare')
  addFleetFlags(program)
    .optionsGroup('Output:')
    .option('--metric <path>', `the primary metric (default ${DEFAULT_PRIMARY})`, metric)
    .option(
      '--secondary <paths>',
      'further metrics, separated by commas; they share 5% of false alarms',
      listOf(metric)
    )
    .option(
      '--margin <share>',
      'largest change that does not matter (default: 0.5% for counted metrics, 3% for timed ones)',
      share
    )
  return program
}

/** What says nothing where peers count in virtual time. */
export const FOR_BROWSERS = ['iceServers', 'resultsServerUrl', 'lighthouseUrl', 'design'] as const

/**
 * Throws UserError if nothing would be measured, a flag has no effect, or browsers cannot run a build, which
 * may not be known yet.
 */
export function checkFlags(flags: CampaignFlags, builds: readonly string[]): void {
  refuseUnmeasured(flags)
  if (flags.engine === 'simulation') {
    const given = (['on', ...FOR_BROWSERS] as const).find((name) => flags[name] !== undefined)
    const idle = flags.turn === 'only' ? 'turn' : given
    if (idle !== undefined)
      throw new UserError(`--${kebab(idle)} is for browsers: leave it out, or use --engine browser`)
  }
  for (const text of builds) {
    const variant = { ...flags, ...ownOptionsOf(text, flags) }
    refuseUnmeasured(variant)
    if (flags.engine === 'browser') checkPreconditions(variant)
  }
  refuseIdleFlags(flags)
}

export function settingOf(flags: CampaignFlags): Setting {
  const { peers, peersPerTab = peers, duration, warmup, routine, engine } = flags
  return { peers, peersPerTab, duration, warmup, routine, ...(engine === 'simulation' && { engine }) }
}

export function commonOptions(flags: Partial<Behaviour>): CommonOptions {
  const common: CommonOptions & Partial<Behaviour> = behaviourOf(flags)
  delete common.routine
  return common
}

/** What the shared flags say of a plan. Throws UserError if a variant cannot be read. */
export function planFor(builds: readonly string[], flags: CampaignFlags) {
  const isSimulated = flags.engine === 'simulation'
  const common = commonOptions(flags)
  return {
    id: flags.id ?? newId(),
    madeAt: Date.now(),
    variants: builds.map((text) => parseVariant(text, common)),
    common,
    ...(flags.allowUnknownOptions && { allowUnknownOptions: true }),
    seed: flags.seed ?? randomInt(2 ** 32),
    primary: flags.metric ?? (isSimulated ? COUNTED_PRIMARY : DEFAULT_PRIMARY),
    secondary: flags.secondary ?? [...(isSimulated ? COUNTED_SECONDARY : DEFAULT_SECONDARY)],
    margin: flags.margin ?? null
  }
}

/** Flags that each call may set anew. */
const PER_CALL = ['resume', 'maxBlocks', 'allowUndecided', 'force', 'out', 'json', 'format']
const ELSEWHERE = ['resultsServerUrl', 'lighthouseUrl', 'on', 'image', 'address'] as const

/** The flags given now that differ from those of the first call, as `--peers 20`. */
export function contradictionsOf(program: Command, { argv }: Pick<Plan, 'argv'>): string[] {
  const now = program.opts<Record<string, unknown>>()
  const given = typedOptions(program)
  if (argv === undefined) return []
  const first = program.parse(argv, { from: 'user' }).opts<Record<string, unknown>>()
  return given.flatMap((option) => {
    const key = option.attributeName()
    const text = JSON.stringify(now[key])
    if ([...PER_CALL, ...ELSEWHERE].includes(key) || text === JSON.stringify(first[key])) return []
    if (typeof now[key] === 'boolean') return [option.long!]
    // Those that hold objects are typed as JSON.
    const isJson = [now[key]].flat().some((each) => typeof each === 'object')
    return [`${option.long!} ${isJson ? text : String(now[key])}`]
  })
}

/** Where the parts run that are not here: as this call's command line, `now`, says, or else the first one. */
export function elsewhereOf(program: Command, { argv = [] }: Plan, now: readonly string[]): Elsewhere {
  // Each by itself: together they may name two formats.
  const [first, last] = [argv, now].map((args) => program.parse(args, { from: 'user' }).opts<Elsewhere>())
  const given = ELSEWHERE.map((key) => [key, last![key] ?? first![key]] as const)
  return Object.fromEntries(given.filter(([, value]) => value !== undefined))
}
