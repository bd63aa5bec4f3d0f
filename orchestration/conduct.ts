/** Starts or resumes a campaign, and always reports existing results at the end. */
import type { Command } from 'commander'
import { SAME_BUILD } from '../analysis/comparison/heading'
import { counted } from '../analysis/format'
import type { Progress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import type * as BenchModule from './browser-bench'
import type { Elsewhere } from './browser-bench'
import { contradictionsOf } from './comparison-flags'
import { arrangementOf, mayEnd, nextCommand } from './judging'
import { refuseChangedBuilds, type Plan } from './plan'
import { isEndedByMachine, reopen, runCampaign, runsLeft, type Bench } from './campaign'
import { simulateFirst } from './simulated-first'
import type { Campaign, CampaignStore } from './store'

type OpenBench = typeof BenchModule.openBench

/** Loads browsers and servers only when tests run: --help and refusals answer at once. */
const openBench: OpenBench = (...given) =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import() can't be compiled by tsx/cjs
  (require('./browser-bench') as typeof BenchModule).openBench(...given)

export interface Conduct {
  store: CampaignStore
  elsewhere: Elsewhere
  progress: Progress
  signal: AbortSignal
  /** The id to resume, if the campaign is part of something larger. By default its own. */
  resumeId?: string
  /** For tests. */
  open?: OpenBench
  simulate?: typeof simulateFirst
}

export interface Conducted<Conclusion> {
  isComplete: boolean
  /** Absent if there was nothing to conclude. */
  conclusion?: Conclusion | undefined
}

/**
 * Runs the rest, and calls `conclude` even if that was stopped or failed, before it throws. A new campaign
 * that fails before its first run leaves nothing behind; one that is stopped can be resumed.
 */
export async function conductCampaign<Conclusion>(
  campaign: Campaign,
  parts: Conduct,
  conclude: (campaign: Campaign) => Promise<Conclusion>
): Promise<Conducted<Conclusion>> {
  const { store, progress, signal, open = openBench, simulate = simulateFirst } = parts
  const { plan } = campaign
  const resume = `npx peer-perf ${plan.command} --resume ${parts.resumeId ?? plan.id}`
  const isNew = plan.builds === undefined
  let bench: Bench | undefined
  reopen(campaign)
  try {
    if (runsLeft(campaign) > 0) {
      // First: what is missing or refused is known before minutes are spent.
      const opened = (bench = await open(plan, store.folder(plan.id), parts.elsewhere, progress))
      refuseChangedBuilds(plan, opened.builds)
      campaign.plan = { ...plan, builds: opened.builds }
      await store.save(campaign)
      if (plan.command === 'compare' && campaign.simulated === undefined) {
        announceNoise(plan)
        campaign.simulated = await simulate(campaign.plan, progress, signal)
        await store.save(campaign)
      }
      announceDesign(campaign)
      console.log(
        `${plan.id}: ${counted(runsLeft(campaign), 'run')} to go. If it stops, resume it with: ${resume}`
      )
      await runCampaign(campaign, { execute: opened.execute, store, progress, signal, mayEnd })
    }
  } catch (error) {
    const isStopped = signal.aborted && error instanceof UserError
    if (!isStopped || hasShownAnything(campaign)) {
      // A campaign that has shown nothing is not worth resuming.
      if (isNew && !hasShownAnything(campaign)) await store.discard(plan.id)
      // What is saved: a resumption that is refused changes nothing, not even the reports.
      else
        await store
          .open(plan.id, plan.command)
          .then((saved) => (hasShownAnything(saved) ? conclude(saved) : undefined))
          .catch(() => undefined)
      throw error
    }
  } finally {
    await bench?.close()
  }
  const left = runsLeft(campaign)
  if (campaign.ended !== undefined) console.log(`Ended early: ${campaign.ended}`)
  const conclusion = hasShownAnything(campaign) ? await conclude(campaign) : undefined
  if (plan.command === 'history' && isEndedByMachine(campaign)) console.log(`To resume: ${resume}`)
  if (left > 0) console.error(`Stopped with ${counted(left, 'run')} to go. To resume: ${resume}`)
  return { isComplete: left === 0, conclusion }
}

function hasShownAnything({ runs, simulated = [] }: Campaign): boolean {
  return runs.length > 0 || simulated.length > 0
}

/** Before minutes are spent on what may be a slip. */
function announceNoise({ variants }: Plan): void {
  const [baseline, candidate] = variants.map((variant) => JSON.stringify({ ...variant, text: '' }))
  if (baseline === candidate) console.log(SAME_BUILD)
}

function announceDesign({ plan }: Campaign): void {
  if (plan.command !== 'compare' || plan.setting.engine === 'simulation') return
  const { kind, reason } = arrangementOf(plan)
  const warning = kind === 'side by side' ? ': timed criteria cannot pass' : ''
  console.log(`Design: ${kind}${reason === null ? '' : ` (${reason})`}${warning}`)
}

/** Opens a campaign, perhaps to add blocks. Throws UserError if flags given now contradict its plan. */
export async function resumeCampaign(
  store: CampaignStore,
  command: Plan['command'],
  program: Command,
  id: string,
  maxBlocks?: number
): Promise<Campaign> {
  const campaign = await store.open(id, command)
  refuseContradictions(program, id, campaign.plan)
  return maxBlocks === undefined ? campaign : withMoreBlocks(campaign, maxBlocks)
}

export function refuseContradictions(program: Command, id: string, plan: Pick<Plan, 'argv'>): void {
  const contradictions = contradictionsOf(program, plan)
  if (contradictions.length > 0)
    throw new UserError(
      `${id} was started otherwise than with ${contradictions.join(', ')}: leave that out to resume it, or start a new one without --resume`
    )
}

/** Goes on with the level that the blocks so far have not spent. */
export function withMoreBlocks({ plan, runs, simulated }: Campaign, maxBlocks: number): Campaign {
  const { id, blocks, stages = [] } = plan
  if (plan.isSequential !== true)
    throw new UserError(
      `${id} was planned with exactly ${blocks} blocks and has spent its whole level on them. Start a new one: ${nextCommand(plan)}`
    )
  if (maxBlocks < blocks)
    throw new UserError(`${id} was planned with up to ${blocks} blocks: --max-blocks must not be less`)
  return {
    ...{ runs, simulated },
    plan: { ...plan, blocks: maxBlocks, ...(maxBlocks > blocks && { stages: [...stages, blocks] }) }
  }
}
