/** Better, worse, or noise? */
import { basename } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import type { Conclusion } from '../analysis/comparison/comparison'
import { namesOf } from '../analysis/comparison/heading'
import { DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../analysis/comparison/metric-choice'
import { pairBySeed } from '../analysis/comparison/run'
import { partsOf, weatherMarkdown } from '../analysis/comparison/weather-map'
import { lackingIn, WRITERS } from '../analysis/formats/formats'
import { FORMATS, type Format, type Part } from '../analysis/formats/judged'
import { GATE_HELP } from '../analysis/gate/criteria'
import { FIRST_LOOK } from '../analysis/gate/looks'
import type { Outcome } from '../cli/command'
import { exitCodeOf } from '../cli/exit-code'
import { list, share, typedOptions, whole } from '../cli/flags'
import { createProgress } from '../cli/progress'
import { writableFolder } from '../cli/results-folder'
import { messageOf, UserError } from '../cli/user-error'
import {
  conductCampaign,
  refuseContradictions,
  resumeCampaign,
  type Conducted
} from '../orchestration/conduct'
import { arrangeOn } from '../orchestration/fleet/fleet'
import { arrange, DESIGNS } from '../orchestration/arrangement'
import { BASELINE_HELP, exactBaseline, usualCandidate, type Repository } from '../orchestration/baseline'
import { comparisonRequest } from '../orchestration/judging'
import {
  addCampaignOptions,
  checkFlags,
  elsewhereOf,
  planFor,
  settingOf,
  type CampaignFlags
} from '../orchestration/comparison-flags'
import { CONFIG_HELP, PROFILE_HELP, withConfiguration } from '../orchestration/configuration'
import { concludeComparison } from '../orchestration/outcome'
import { criteriaOf, DEFAULT_MAX_BLOCKS, MOST_BLOCKS, newId, type Plan } from '../orchestration/plan'
import { CampaignStore, type Campaign } from '../orchestration/store'
import { loadRuns } from '../orchestration/stored-runs'
import { VARIANT_HELP } from '../orchestration/variant'
import {
  createWeatherMap,
  isWeatherMap,
  openWeatherMap,
  parseWeathers,
  planWeathers,
  runWeatherMap,
  WEATHER_HELP
} from '../orchestration/weather'
import { parseFault } from '../simulation/fault-text'
import { fault, FAULT_HELP } from '../simulation/flags'
import { checkFaults } from '../simulation/plan'

interface Flags extends CampaignFlags, Repository {
  baseline?: string
  candidate?: string
  from?: string[]
  to?: string[]
  force?: boolean
  sideBySide: boolean
  gate?: string
  detect?: number
  maxBlocks?: number
  allowUndecided?: boolean
  weather?: string
  fault?: string[]
  format: Exclude<Format, 'text' | 'json'>
  /** The whole command line. */
  argv: string[]
}

export const program = new Command('npx peer-perf compare')
  .description(
    'Compares two builds of the peer library, or one build with two configurations, and decides whether the candidate may replace the ' +
      'baseline: pass, worse or undecided.\n' +
      'Exit code 0: pass. 1: it failed, or was stopped. 2: worse. 3: no run could be used. 4: undecided.'
  )
  .optionsGroup('What:')
  .option('--baseline <build>', `${VARIANT_HELP}; ${BASELINE_HELP}`)
  .option('--candidate <build>', 'the build to compare with it (default for merge-base, released: file:.)')
  .option('--from <ids>', 'compare existing results: ids or files of the baseline, separated by commas', list)
  .option('--to <ids>', 'and of the candidate', list)
  .option('--base <branch>', "for merge-base: the branch that changes go to (default: the repository's own)")
  .option('--build <command>', 'for merge-base: shell command that builds the library, run in a worktree')
  .option('--config <file>', CONFIG_HELP)
  .option('--profile <name>', PROFILE_HELP)
  .option('--gate <criteria>', GATE_HELP)
  .option('--detect <share>', 'smallest change of latency or CPU that matters', share)
addCampaignOptions(program, { peers: 8, duration: 30 })
program
  .optionsGroup('How many:')
  .addOption(
    new Option(
      '--max-blocks <number>',
      `stop as soon as the gate decides, at the latest after this many (default: ${DEFAULT_MAX_BLOCKS}); with --resume, go on to this many`
    )
      .argParser(whole(FIRST_LOOK, MOST_BLOCKS))
      .conflicts('blocks')
  )
  .optionsGroup('Conditions:')
  .addOption(
    new Option(
      '--design <design>',
      'how the two runs of a block share the machine: isolated (at once, each browser on cores of its own; the default where possible), ' +
        'side-by-side (at once, on shared cores) or one-after-the-other'
    ).choices(DESIGNS)
  )
  .addOption(new Option('--no-side-by-side', 'the same as --design one-after-the-other').conflicts('design'))
  .addOption(new Option('--weather <networks>', WEATHER_HELP).conflicts('network'))
  .addOption(
    new Option('--one-network', 'for programs that want one verdict: no networks of the file')
      .conflicts('weather')
      .hideHelp()
  )
  .option(
    '--fault <text>',
    `${FAULT_HELP}; only with --engine simulation`,
    (text, previous: string[] = []) => {
      fault(text, [])
      return [...previous, text]
    }
  )
  .option('--force', 'compare runs even if they differ in more than the build')
  .optionsGroup('Output:')
  .option('--allow-undecided', 'exit code 0 if the gate is undecided')
  .addOption(
    new Option(
      '--format <format>',
      'what to print as the result, one document on standard output, and everything else on standard error'
    )
      .choices(FORMATS)
      .default('text')
  )
  .addOption(new Option('--json', 'the same as --format json').conflicts('format'))
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npx peer-perf compare --baseline decentraland-katalyst-peer@0.2.17 --candidate decentraland-katalyst-peer@0.2.20\n' +
      '  npx peer-perf compare --baseline layers --candidate file:../my-peer --detect 5%\n' +
      "  npx peer-perf compare --baseline layers --candidate 'layers?maxConnections=3' --metric wire.packetsPerMessage\n" +
      '  npx peer-perf compare --baseline layers --candidate file:../my-peer --weather all\n' +
      '  npx peer-perf compare --from a1,a2,a3,a4 --to b1,b2,b3,b4\n\nMore: docs/comparing.md'
  )

/** Whoever reads test results must hear that there are none. */
const writeNone = (trouble: string) =>
  process.stdout.write(WRITERS.junit([{ name: '', judged: null, trouble }]))

// Flags may be refused before the one that names the format is read.
program.configureOutput({
  outputError: (text, write) => {
    write(text)
    if (/ --format[ =]junit\b/.test(process.argv.join(' '))) writeNone(text.trim())
  }
})

export async function run(signal: AbortSignal): Promise<Outcome> {
  const { format, base, build } = program.opts<Flags>()
  // Settings of the file may be refused, which must not end the process at once.
  program.exitOverride().configureOutput({ outputError: () => undefined })
  try {
    const argv = withConfiguration(program, process.argv.slice(2))
    const flags = { ...program.parse(argv, { from: 'user' }).opts<Flags>(), argv }
    // Those of the file serve another baseline.
    if ((base ?? build) !== undefined && flags.baseline?.startsWith('merge-base') === false)
      throw new UserError('--base and --build are for --baseline merge-base: leave them out')
    if (flags.detect === 0)
      throw new UserError('--detect must be a share such as 3%: no run can show that nothing changes at all')
    return await outcomeOf(flags, signal)
  } catch (cause) {
    const error = cause instanceof CommanderError ? new UserError(cause.message) : cause
    if (format === 'junit') writeNone(messageOf(error))
    throw error
  }
}

/** For whoever calls it: refuses a mistake before anything is built. Returns the flags that are typed. */
export function checked(argv: readonly string[]): Option[] {
  const typed = typedOptions(program.parse(argv, { from: 'user' }))
  checkFlags(program.parse(withConfiguration(program, argv), { from: 'user' }).opts<Flags>(), [])
  return typed
}

async function outcomeOf(flags: Flags, signal: AbortSignal): Promise<Outcome> {
  if (flags.from || flags.to) return compareStored(flags)
  const store = new CampaignStore(writableFolder())
  const { resume, maxBlocks } = flags
  const isMap = resume === undefined ? flags.weather !== undefined : isWeatherMap(store, resume)
  return isMap ? compareWeathers() : compareBuilds()

  async function compareBuilds(): Promise<Outcome> {
    const campaign =
      resume === undefined
        ? await store.create(await planOf(flags, signal))
        : await resumeCampaign(store, 'compare', program, resume, maxBlocks)
    const { isComplete, conclusion } = await conduct(campaign)
    const exitCode = exitCodeOf({ failed: !isComplete, ...conclusion, ...allowing(flags, campaign.plan) })
    const part = { name: '', judged: conclusion ?? null, trouble: 'stopped before its first run' }
    return { exitCode, document: { ...conclusion }, inFormat: () => written(flags, [part]) }
  }

  async function compareWeathers(): Promise<Outcome> {
    const newPlan = async () =>
      planWeathers(flags.id ?? newId(), parseWeathers(flags.weather!, flags), await planOf(flags, signal))
    const plan = await (resume === undefined
      ? createWeatherMap(store, await newPlan())
      : openWeatherMap(store, resume))
    const [first] = plan.weathers
    if (resume !== undefined) refuseContradictions(program, resume, first!.plan)
    if (resume !== undefined && maxBlocks !== undefined)
      throw new UserError(
        `${resume} compares under ${plan.weathers.length} networks, each with its own blocks: give one of them more, e.g. by --resume ${first!.plan.id} --max-blocks ${maxBlocks}`
      )
    const outcome = await runWeatherMap(plan, store, (campaign) => conduct(campaign, plan.id))
    const exitCode = exitCodeOf({ ...outcome, ...allowing(flags, first!.plan) })
    const { map } = outcome
    return {
      exitCode,
      document: map,
      inFormat: (format) => (format === 'markdown' ? weatherMarkdown(map) : written(flags, partsOf(map)))
    }
  }

  function conduct(campaign: Campaign, resumeId?: string): Promise<Conducted<Conclusion>> {
    const elsewhere = elsewhereOf(program, campaign.plan, flags.argv)
    const parts = { store, elsewhere, progress: createProgress(), signal, resumeId }
    return conductCampaign(campaign, parts, (state) =>
      concludeComparison(comparisonRequest(state, flags.force ?? false), store.folder(state.plan.id))
    )
  }
}

function written({ format }: Flags, parts: readonly Part[]): string {
  for (const line of lackingIn(format, parts)) console.error(line)
  return WRITERS[format](parts)
}

/** As said now, or else as in the first call, perhaps by its file. */
const allowing = ({ allowUndecided = false }: Flags, { argv = [] }: Pick<Plan, 'argv'> = {}) => ({
  allowUndecided: allowUndecided || argv.includes('--allow-undecided')
})

export async function planOf(flags: Flags, signal: AbortSignal): Promise<Plan> {
  const { detect, maxBlocks, candidate = usualCandidate(flags.baseline) } = flags
  const isSimulated = flags.engine === 'simulation'
  if (flags.baseline === undefined || candidate === undefined)
    throw new UserError('Say what to compare: --baseline and --candidate, or --from and --to (see --help)')
  checkFlags(flags, [flags.baseline, candidate])
  const criteria = criteriaOf(flags)
  const { fault: faults = [] } = flags
  if (faults.length > 0 && !isSimulated)
    throw new UserError('--fault happens only in virtual time: add --engine simulation, or leave it out')
  checkFaults(faults.map(parseFault), flags)
  const baseline = await exactBaseline(flags.baseline, candidate, flags, console.log, signal)
  const isFound = baseline !== flags.baseline
  const shared = planFor([baseline, candidate], flags)
  const arrangement = () => {
    if (isSimulated) return { sideBySide: false }
    return flags.on === undefined ? arrange(flags) : arrangeOn(flags, shared.variants[0]!.library)
  }
  return {
    ...shared,
    command: 'compare',
    blocks: flags.blocks ?? maxBlocks ?? DEFAULT_MAX_BLOCKS,
    argv: [...flags.argv, ...(isFound ? [`--baseline=${baseline}`, `--candidate=${candidate}`] : [])],
    ...{ isSequential: flags.blocks === undefined, detect },
    gate: flags.gate ?? '',
    criteria,
    setting: { ...settingOf(flags), ...(faults.length > 0 && { faults }), ...(await arrangement()) }
  }
}

/** Of a result that is named by its id or its file. */
const idOf = (result: string) => basename(result, '.json')

async function compareStored(flags: Flags): Promise<Outcome> {
  const { from = [], to = [], resultsServerUrl } = flags
  if (from.length === 0 || to.length === 0)
    throw new UserError('--from and --to belong together: give the ids or files of both, separated by commas')
  const criteria = criteriaOf(flags)
  const folder = writableFolder()
  const store = new CampaignStore(folder)
  const id = flags.id ?? newId()
  if (store.has(id) || isWeatherMap(store, id))
    throw new UserError(`"${id}" is a comparison with blocks of its own: choose another --id`)
  const loaded = await loadRuns(from, to, { folder, resultsServerUrl })
  const conclusion = await concludeComparison(
    {
      id,
      madeAt: Date.now(),
      ...pairBySeed(loaded),
      baseline: namesOf(from.map(idOf)),
      candidate: namesOf(to.map(idOf)),
      gate: criteria,
      primary: flags.metric ?? DEFAULT_PRIMARY,
      secondary: flags.secondary ?? [...DEFAULT_SECONDARY],
      margin: flags.margin ?? null,
      force: flags.force ?? false
    },
    store.folder(id)
  )
  const exitCode = exitCodeOf({ ...conclusion, ...allowing(flags) })
  const part = { name: '', judged: conclusion, trouble: null }
  return { exitCode, document: conclusion, inFormat: () => written(flags, [part]) }
}
