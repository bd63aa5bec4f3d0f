/** Starts or resumes a campaign, and always reports existing results at the end. */
import { randomBytes } from 'node:crypto'
import type { Progress } from '../cli/progress'
import { openBench, type Elsewhere } from './bench'
import { forecast } from './forecast'
import type { Plan, PlannedRun } from './plan'
import { runCampaign, runsLeft, type Bench, type CampaignParts } from './run'
import type { Campaign, CampaignStore } from './store'

export interface Conduct {
  store: CampaignStore
  elsewhere: Elsewhere
  progress: Progress
  signal: AbortSignal
  /** Called after each block. Returns why the campaign may end now, or null. */
  mayEnd?: NonNullable<CampaignParts['mayEnd']>
  /** The id to resume, if the campaign is part of something larger. By default its own. */
  resumeId?: string
  /** For tests. */
  open?: typeof openBench
}

/**
 * Runs the rest of the campaign, then calls `conclude`, even if the campaign was interrupted or failed.
 * Returns whether the campaign is complete. If it failed, throws the error after concluding. A new campaign
 * that fails before its first run leaves nothing behind.
 */
export async function conductCampaign(
  campaign: Campaign,
  { store, elsewhere, progress, signal, mayEnd = () => null, resumeId, open = openBench }: Conduct,
  conclude: (campaign: Campaign) => Promise<void>
): Promise<boolean> {
  const { plan } = campaign
  const resume = `npm run ${plan.command} -- --resume ${resumeId ?? plan.id}`
  const isNew = campaign.runs.length === 0
  let bench: Bench | undefined
  try {
    if (runsLeft(campaign) > 0) {
      const opened = (bench = await open(plan, store.folder(plan.id), elsewhere, progress))
      announceDesign(campaign)
      if (isNew) {
        const sentence = await forecast(plan, store.root)
        if (sentence !== null) console.log(sentence)
      }
      console.log(`${plan.id}: ${runsLeft(campaign)} runs to go. If it stops, resume it with: ${resume}`)
      const execute = (runs: PlannedRun[]) => opened.execute(runs, signal)
      await runCampaign(campaign, { execute, save: (state) => store.save(state), progress, signal, mayEnd })
    }
  } catch (error) {
    // A campaign without any runs is not worth resuming.
    if (isNew && campaign.runs.length === 0) await store.discard(plan.id)
    else await conclude(campaign).catch(() => undefined)
    throw error
  } finally {
    await bench?.close()
  }
  const left = runsLeft(campaign)
  if (left === 0 || campaign.runs.length > 0) await conclude(campaign)
  if (left > 0) console.error(`Stopped with ${left} runs to go. To resume: ${resume}`)
  return left === 0
}

function announceDesign({ plan: { command, setting } }: Campaign): void {
  if (command !== 'compare') return
  const { sideBySide = false, coreSets, whyNotIsolated } = setting
  const cores = coreSets?.map((set) => set.join(',')).join(' and ')
  if (coreSets) console.log(`Design: isolated (both builds of a block at once, browsers on cores ${cores!})`)
  else if (sideBySide) console.log('Design: side by side on shared cores; timed criteria cannot pass')
  else
    console.log(
      `Design: one after the other${whyNotIsolated === undefined ? '' : `, because ${whyNotIsolated}`}`
    )
}

/** A new id for a comparison, based on its date. */
export function newId(now = new Date()): string {
  const date = now.toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')
  return `${date}-${randomBytes(2).toString('hex')}`
}

/** The resumed campaign, or a new one with the plan from `makePlan`. */
export function beginCampaign(
  store: CampaignStore,
  command: Plan['command'],
  resume: string | undefined,
  makePlan: () => Plan | Promise<Plan>
): Promise<Campaign> {
  return resume === undefined
    ? Promise.resolve(makePlan()).then((plan) => store.create(plan))
    : store.open(resume, command)
}
