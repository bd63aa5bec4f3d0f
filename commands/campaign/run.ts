/** Runs a campaign: what is left of its plan, one run after the other, or the runs of each block side by side. */
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
  const steps = stepsOf(campaign)
  const estimate = new TimeLeft(campaign.plan.setting.duration)
  for (const [index, runs] of steps.entries()) {
    while (!signal.aborted && runs.some((run) => isOpen(campaign, run))) {
      const attempt = attemptsOf(campaign, runs[0]!).length + 1
      const left = steps.slice(index).filter((step) => step.some((run) => isOpen(campaign, run))).length
      progress.note(headline(campaign, runs, attempt, index, steps.length, estimate.of(left)))
      const begin = now()
      const executions = await allOf(runs.map((run) => parts.execute(run)))
      if (signal.aborted as boolean) return
      estimate.add((now() - begin) / 1000)
      const done = runs.map(({ block, variant }, i): Run => ({ ...executions[i]!, block, variant, attempt }))
      campaign.runs.push(...done)
      await parts.save(campaign)
      for (const run of done) reportUnusable(campaign, run, progress)
    }
  }
}

/** Rejects as the first of them, but not before all have ended: what one needs is not taken from under it. */
async function allOf<T>(work: Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

/** What runs at the same time, in the order of the plan. */
function stepsOf({ plan }: Campaign): PlannedRun[][] {
  const planned = schedule(plan)
  if (!plan.setting.sideBySide) return planned.map((run) => [run])
  return Array.from({ length: plan.blocks }, (_, block) => planned.filter((run) => run.block === block))
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
  return attempts.some((attempt) => counts(campaign, attempt)) || attempts.length > REPETITIONS
}

/** Side by side a run is compared with the one beside it, so that both must be usable. */
function counts({ plan, runs }: Campaign, run: Run): boolean {
  if (!plan.setting.sideBySide) return isUsable(run)
  return runs.filter(({ block, attempt }) => block === run.block && attempt === run.attempt).every(isUsable)
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
  if (isLast && campaign.plan.setting.sideBySide)
    progress.note(
      'Side by side, the builds share the machine: begun anew with --no-side-by-side, each has all of it'
    )
  const attempts = attemptsOf(campaign, { block: run.block!, variant: run.variant })
  if (isLast && attempts.every(({ failures }) => failures.length > 0)) {
    throw new UserError(
      `${campaign.plan.variants[run.variant]!} failed ${attempts.length} times, the last time so: ${run.failures[0]!}`
    )
  }
}

function headline(
  { plan }: Campaign,
  runs: readonly PlannedRun[],
  attempt: number,
  index: number,
  steps: number,
  secondsLeft: number
): string {
  const block = `block ${runs[0]!.block + 1} of ${plan.blocks}`
  const where = runs.length > 1 ? block : `run ${index + 1} of ${steps} (${block})`
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  const what = runs.map(({ variant }) => plan.variants[variant]!).join(' beside ')
  return `${where[0]!.toUpperCase()}${where.slice(1)}${again}, ${minutes(secondsLeft)} left: ${what}`
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

  of(steps: number): number {
    const { taken, duration } = this
    const each =
      taken.length > 0 ? taken.reduce((sum, one) => sum + one, 0) / taken.length : duration + OVERHEAD_SECONDS
    return steps * each
  }
}
