/** Begins a campaign, or goes on with one, and always tells what there is at the end. */
import { randomBytes } from 'node:crypto'
import type { Progress } from '../../runner/progress'
import { openBench, type Bench, type Elsewhere } from './bench'
import type { Plan, PlannedRun } from './plan'
import { runCampaign, runsLeft } from './run'
import type { Campaign, CampaignStore } from './store'

export interface Conduct {
  store: CampaignStore
  elsewhere: Elsewhere
  progress: Progress
  signal: AbortSignal
  /** For tests. */
  open?: typeof openBench
}

/**
 * Runs what is left of the campaign, then `conclude`s, also where it was interrupted or failed. Returns whether it is complete. Throws what
 * made it fail, after concluding.
 */
export async function conductCampaign(
  campaign: Campaign,
  { store, elsewhere, progress, signal, open = openBench }: Conduct,
  conclude: (campaign: Campaign) => Promise<void>
): Promise<boolean> {
  const { plan } = campaign
  const resume = `npm run ${plan.command} -- --resume ${plan.id}`
  console.log(`${plan.id}: ${runsLeft(campaign)} runs to go. If anything stops it, go on by: ${resume}`)
  let bench: Bench | undefined
  try {
    if (runsLeft(campaign) > 0) {
      const opened = (bench = await open(plan, store.folder(plan.id), elsewhere, progress))
      const execute = (run: PlannedRun) => opened.execute(run, signal)
      await runCampaign(campaign, { execute, save: (state) => store.save(state), progress, signal })
    }
  } catch (error) {
    await conclude(campaign).catch(() => undefined)
    throw error
  } finally {
    await bench?.close()
  }
  const left = runsLeft(campaign)
  if (left === 0 || campaign.runs.length > 0) await conclude(campaign)
  if (left > 0) console.error(`Stopped with ${left} runs to go. Go on by: ${resume}`)
  return left === 0
}

/** Names a comparison by its date. */
export function newId(now = new Date()): string {
  const date = now.toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-')
  return `${date}-${randomBytes(2).toString('hex')}`
}

/** The plan as a resumed campaign has it, or a new one. */
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
