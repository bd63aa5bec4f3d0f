/** Better, worse, or noise? `npm run compare -- --help` */
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import { exitCodeOfComparison, type ComparisonRequest } from '../analysis/comparison/comparison'
import { DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../analysis/comparison/metrics'
import { runCommand } from '../runner/command'
import { createProgress } from '../runner/progress'
import { resultsFolder } from '../runner/results-folder'
import { UserError } from '../runner/user-error'
import { beginCampaign, conductCampaign, newId } from './campaign/conduct'
import { addCampaignOptions, commonOptions, settingOf, type CampaignFlags } from './campaign/options'
import { concludeComparison } from './campaign/outcome'
import type { Plan } from './campaign/plan'
import { CampaignStore, type Campaign } from './campaign/store'
import { loadRuns } from './campaign/stored-runs'
import { declaredDifferences, parseVariant, VARIANT_HELP } from './campaign/variant'
import { listOf } from './flags'

interface Flags extends CampaignFlags {
  baseline?: string
  candidate?: string
  from?: string[]
  to?: string[]
  force?: boolean
  sideBySide: boolean
}

const program = new Command('npm run compare --')
  .description(
    'Compares two builds of the peer library, or one build with two configurations: runs them in turn, and tells better, worse, the same, ' +
      'or that it cannot tell.\nExit code 0: no regression. 1: it failed, or was stopped. 2: the primary metric is worse.'
  )
  .option('--baseline <build>', VARIANT_HELP)
  .option('--candidate <build>', 'what is compared with it, written in the same way')
addCampaignOptions(program, { blocks: 6, peers: 8, duration: 30 })
program
  .option(
    '--no-side-by-side',
    'one build after the other; else both of a block run at once, so that what disturbs the machine disturbs both: ' +
      'on this machine alone, if it has two cores, with all peers in one tab'
  )
  .addOption(
    new Option(
      '--from <ids>',
      'compare results that are there: ids or files of the baseline, by commas'
    ).argParser(listOf((text) => text))
  )
  .addOption(new Option('--to <ids>', 'and of the candidate').argParser(listOf((text) => text)))
  .option('--force', 'compare them even if they differ in more than the build')
  .addHelpText(
    'after',
    '\nExamples:\n' +
      '  npm run compare -- --baseline decentraland-katalyst-peer@0.2.17 --candidate decentraland-katalyst-peer@0.2.20\n' +
      '  npm run compare -- --baseline layers --candidate file:../my-peer --blocks 10 --mesh full\n' +
      "  npm run compare -- --baseline layers --candidate 'layers?maxConnections=3' --metric wire.packetsPerMessage\n" +
      '  npm run compare -- --from a1,a2,a3,a4 --to b1,b2,b3,b4\n\nMore: docs/comparing.md'
  )

runCommand((signal) => {
  const flags = program.parse().opts<Flags>()
  return flags.from || flags.to ? compareStored(flags) : compareBuilds(flags, signal)
})

async function compareBuilds(flags: Flags, signal: AbortSignal): Promise<number> {
  const store = new CampaignStore(resultsFolder())
  const campaign = await beginCampaign(store, 'compare', flags.resume, () => planOf(flags))
  let exitCode = 1
  const isComplete = await conductCampaign(
    campaign,
    { store, elsewhere: flags, progress: createProgress(), signal },
    async (state) => {
      const comparison = await concludeComparison(requestOf(state, flags), store.folder(state.plan.id))
      exitCode = exitCodeOfComparison(comparison)
    }
  )
  return isComplete ? exitCode : 1
}

function planOf(flags: Flags): Plan {
  const { baseline, candidate } = flags
  if (baseline === undefined || candidate === undefined)
    throw new UserError('Say what to compare: --baseline and --candidate, or --from and --to (see --help)')
  const common = commonOptions(flags)
  for (const text of [baseline, candidate]) parseVariant(text, common)
  return {
    id: flags.id ?? newId(),
    command: 'compare',
    madeAt: Date.now(),
    variants: [baseline, candidate],
    common,
    blocks: flags.blocks,
    seed: flags.seed ?? randomInt(2 ** 32),
    setting: { ...settingOf(flags), sideBySide: canRunSideBySide(flags) },
    primary: flags.metric ?? DEFAULT_PRIMARY,
    secondary: flags.secondary ?? [...DEFAULT_SECONDARY],
    margin: flags.margin
  }
}

/** Each build then takes a Lighthouse of its own, and a core: that of the thread of its one tab. */
function canRunSideBySide({
  sideBySide,
  runners,
  lighthouseUrl,
  peers,
  peersPerTab = peers
}: Flags): boolean {
  const isAllHere = runners === undefined && lighthouseUrl === undefined
  return sideBySide && isAllHere && peersPerTab >= peers && availableParallelism() > 1
}

function requestOf({ plan, runs }: Campaign, { force = false }: Flags): ComparisonRequest {
  const [baseline, candidate] = plan.variants.map((text) => parseVariant(text, plan.common))
  return {
    ...plan,
    design: 'paired',
    baseline: baseline!.text,
    candidate: candidate!.text,
    runs,
    declared: declaredDifferences([baseline!, candidate!]),
    plannedBlocks: plan.blocks,
    force
  }
}

async function compareStored(flags: Flags): Promise<number> {
  const { from = [], to = [], resultsServerUrl } = flags
  if (from.length === 0 || to.length === 0)
    throw new UserError('--from and --to belong together: give both the ids or files of results, by commas')
  const sources = { folder: resultsFolder(), resultsServerUrl }
  const runs = [...(await loadRuns(from, 0, sources)), ...(await loadRuns(to, 1, sources))]
  const id = flags.id ?? newId()
  const comparison = await concludeComparison(
    {
      id,
      madeAt: Date.now(),
      design: 'unpaired',
      baseline: from.join(', '),
      candidate: to.join(', '),
      runs,
      primary: flags.metric ?? DEFAULT_PRIMARY,
      secondary: flags.secondary ?? [...DEFAULT_SECONDARY],
      margin: flags.margin,
      force: flags.force ?? false
    },
    new CampaignStore(resultsFolder()).folder(id)
  )
  return exitCodeOfComparison(comparison)
}
