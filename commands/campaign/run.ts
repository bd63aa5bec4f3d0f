/** Runs a campaign: what is left of its plan, one run after the other. */
import { isUsable, whyUnusable, type Run } from '../../analysis/comparison/run'
import type { Summary } from '../../protocol/summary'
import type { Progress } from '../../runner/progress'
import { UserError } from '../../runner/user-error'
import { REPETITIONS, schedule, type PlannedRun } from './plan'
import type { Campaign } from './store'

export interface Execution {
  testId: string
  summary: Summary | null
  failures: readonly string[]
}

export interface CampaignParts {
  /** Runs one test. What it throws ends the campaign. */
  execute: (run: PlannedRun) => Promise<Execution>
  /** Called after each run: what is finished must survive a crash. */
  save: (campaign: Campaign) => Promise<void>
  progress: Progress
  /** Aborted: the present run ends and is not counted. */
  signal: AbortSignal
  now?: () => number
}

/**
 * Runs until each run of the plan has a usable result or was tried often enough, or the signal aborts. Adds to `campaign.runs`. Throws UserError
 * where a variant fails again and again: then the campaign can't succeed.
 */
export async function runCampaign(campaign: Campaign, parts: CampaignParts): Promise<void> {
  const { progress, signal, now = () => performance.now() } = parts
  const planned = schedule(campaign.plan)
  const estimate = new TimeLeft(campaign.plan.setting.duration)
  for (const [index, run] of planned.entries()) {
    while (!signal.aborted && isOpen(campaign, run)) {
      const attempt = attemptsOf(campaign, run).length + 1
      const left = planned.slice(index).filter((each) => isOpen(campaign, each)).length
      progress.note(headline(campaign, run, attempt, planned.length, index, estimate.of(left)))
      const begin = now()
      const execution = await parts.execute(run)
      if (signal.aborted as boolean) return
      estimate.add((now() - begin) / 1000)
      const { block, variant } = run
      const done: Run = { ...execution, block, variant, attempt }
      campaign.runs.push(done)
      await parts.save(campaign)
      reportUnusable(campaign, done, progress)
    }
  }
}

/** Runs of the plan that have neither a usable result nor used up their attempts. */
export function runsLeft(campaign: Campaign): number {
  return schedule(campaign.plan).filter((run) => isOpen(campaign, run)).length
}

function isOpen(campaign: Campaign, run: PlannedRun): boolean {
  return !isSettled(campaign, run) && !isHopeless(campaign, run.block)
}

function isSettled(campaign: Campaign, run: PlannedRun): boolean {
  const attempts = attemptsOf(campaign, run)
  return attempts.some(isUsable) || attempts.length > REPETITIONS
}

/** Fewer than two variants of the block can still be compared. */
function isHopeless(campaign: Campaign, block: number): boolean {
  const lost = campaign.plan.variants.filter((_, variant) => {
    const attempts = attemptsOf(campaign, { block, variant })
    return attempts.length > REPETITIONS && !attempts.some(isUsable)
  })
  return campaign.plan.variants.length - lost.length < Math.min(2, campaign.plan.variants.length)
}

function attemptsOf({ runs }: Campaign, wanted: Pick<PlannedRun, 'block' | 'variant'>): Run[] {
  return runs.filter(({ block, variant }) => block === wanted.block && variant === wanted.variant)
}

function reportUnusable(campaign: Campaign, run: Run, progress: Progress): void {
  const reason = whyUnusable(run)
  if (reason === null) return
  const isLast = run.attempt > REPETITIONS
  progress.note(`${reason}: ${isLast ? `given up after ${run.attempt} attempts` : 'the run is repeated'}`)
  const attempts = attemptsOf(campaign, { block: run.block!, variant: run.variant })
  if (isLast && attempts.every(({ failures }) => failures.length > 0)) {
    throw new UserError(
      `${campaign.plan.variants[run.variant]!} failed ${attempts.length} times, the last time so: ${run.failures[0]!}`
    )
  }
}

function headline(
  { plan }: Campaign,
  run: PlannedRun,
  attempt: number,
  runs: number,
  index: number,
  secondsLeft: number
): string {
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  return `Run ${index + 1} of ${runs} (block ${run.block + 1} of ${plan.blocks}${again}), ${minutes(secondsLeft)} left: ${plan.variants[run.variant]!}`
}

function minutes(seconds: number): string {
  return seconds < 90 ? `about ${Math.ceil(seconds / 10) * 10} s` : `about ${Math.round(seconds / 60)} min`
}

/** Connecting, draining and handing in, where no run has told yet. */
const OVERHEAD_SECONDS = 15

class TimeLeft {
  private readonly taken: number[] = []
  constructor(private readonly duration: number) {}

  add(seconds: number): void {
    this.taken.push(seconds)
  }

  of(runs: number): number {
    const { taken, duration } = this
    const each =
      taken.length > 0 ? taken.reduce((sum, one) => sum + one, 0) / taken.length : duration + OVERHEAD_SECONDS
    return runs * each
  }
}
