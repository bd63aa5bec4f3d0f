/** Each metric across versions of the peer library. */
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { makeHistory } from '../analysis/comparison/history'
import { isUsable } from '../analysis/comparison/run'
import { defaultGate } from '../analysis/gate/criteria'
import { historyMarkdown, historyPage } from '../dashboard/report/history-page'
import { JSON_FLAG, type Outcome } from '../cli/command'
import { exitCodeOf } from '../cli/exit-code'
import { createProgress } from '../cli/progress'
import { writableFolder } from '../cli/results-folder'
import { UserError } from '../cli/user-error'
import { conductCampaign, resumeCampaign } from '../orchestration/conduct'
import {
  addCampaignOptions,
  checkFlags,
  elsewhereOf,
  planFor,
  settingOf,
  type CampaignFlags
} from '../orchestration/comparison-flags'
import { stoppedAt } from '../orchestration/judging'
import { explained } from '../orchestration/outcome'
import { arrangeOn } from '../orchestration/fleet/fleet'
import type { Plan } from '../orchestration/plan'
import { CampaignStore, type Campaign } from '../orchestration/store'
import { declaredDifferences, textsOf } from '../orchestration/variant'
import { replaceFile } from '../orchestration/whole-file'
import { expandBuilds } from '../libraries/range'

/** Even, and enough for each of the example's 11 gates to call a build worse, whatever criteria vary. */
const DEFAULT_BLOCKS = 12

interface Flags extends CampaignFlags {
  library?: string
  out?: string
  force?: boolean
}

export const program = new Command('npx peer-perf history')
  .description(
    'Runs several builds of the peer library in a balanced order, and draws each metric over them.\n' +
      'Exit code 0: done. 1: it failed, was stopped, or ended early. 3: no run could be used.'
  )
  .option(
    '--library <builds>',
    'the builds, oldest first, separated by commas; name@from..to means all published versions in between'
  )
  .option('--out <folder>', "folder for history.html, .json and .md; by default the campaign's own folder")
  .option('--force', 'draw them even if the runs differ in more than the build')
addCampaignOptions(program, { blocks: DEFAULT_BLOCKS, peers: 8, duration: 20 })
program
  .option(...JSON_FLAG)
  .addHelpText(
    'after',
    '\nExample:\n  npx peer-perf history --library decentraland-katalyst-peer@0.2.12..0.2.20\n\nMore: docs/comparing.md'
  )

export async function run(signal: AbortSignal): Promise<Outcome> {
  const flags = program.opts<Flags>()
  const store = new CampaignStore(writableFolder())
  const { resume, out } = flags
  const outFolder = out === undefined ? undefined : writableFolder(resolve(out), 'choose another --out')
  const campaign =
    resume === undefined
      ? await store.create(await planOf(flags))
      : await resumeCampaign(store, 'history', program, resume)
  const elsewhere = elsewhereOf(program, campaign.plan, process.argv.slice(2))
  const { isComplete, conclusion } = await conductCampaign(
    campaign,
    { store, elsewhere, progress: createProgress(), signal },
    (state) => conclude(state, flags, outFolder ?? store.folder(state.plan.id))
  )
  const failed = !isComplete || (conclusion !== undefined && campaign.ended !== undefined)
  return { exitCode: exitCodeOf({ failed, isUnmeasured: !conclusion }), document: { ...conclusion } }
}

export async function planOf(flags: Flags): Promise<Plan> {
  const builds = await expandBuilds(flags.library ?? '')
  if (builds.length < 2)
    throw new UserError(
      'A history takes two builds or more: --library decentraland-katalyst-peer@0.2.12..0.2.20'
    )
  checkFlags(flags, builds)
  const shared = planFor(builds, flags)
  return {
    ...shared,
    command: 'history',
    blocks: flags.blocks ?? DEFAULT_BLOCKS,
    argv: process.argv.slice(2),
    criteria: defaultGate(),
    setting: {
      ...settingOf(flags),
      ...(flags.on !== undefined &&
        (await arrangeOn({ ...flags, sideBySide: false }, shared.variants[0]!.library)))
    }
  }
}

/** Undefined if no run can be used. */
async function conclude(campaign: Campaign, { force = false }: Flags, folder: string) {
  const { plan, runs, ended } = campaign
  if (!runs.some(isUsable))
    return (console.error('There is no usable run: void and failed ones are never compared'), undefined)
  const { variants, criteria: gate } = plan
  const declared = declaredDifferences(variants)
  const stopped = stoppedAt(campaign)
  const incomplete = ended !== undefined ? `It ended early: ${ended}` : stopped && `It was ${stopped}.`
  const history = explained(() =>
    makeHistory({ ...plan, variants: textsOf(variants), gate, runs, declared, force, incomplete })
  )
  const markdown = historyMarkdown(history)
  await replaceFile(join(folder, 'history.json'), JSON.stringify(history, undefined, 1))
  await replaceFile(join(folder, 'history.html'), historyPage(history))
  await replaceFile(join(folder, 'history.md'), markdown)
  console.log(`\n${markdown}\nReport: ${join(folder, 'history.html')}`)
  return history
}
