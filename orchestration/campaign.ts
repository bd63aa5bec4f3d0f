/** Runs the rest of a campaign's plan, block by block. */
import { isUsable, whyUnusable, type Run } from '../analysis/comparison/run'
import { outcomeOf } from '../analysis/gate/attempts'
import { MACHINE_RULES } from '../analysis/validity/rules'
import type { Reason } from '../protocol/summary'
import type { Progress } from '../cli/progress'
import { UserError } from '../cli/user-error'
import { REPETITIONS, schedule, type Plan, type PlannedRun, type Setting } from './plan'
import type { Campaign, CampaignStore } from './store'

/** Where a campaign's runs are executed. */
export interface Bench {
  /** The hash of each variant's build; null: one of the suite's own. */
  builds: (string | null)[]
  /** Runs tests at once; results in their order. Rejects with the first error, after all have ended. */
  execute: (runs: PlannedRun[], signal: AbortSignal) => Promise<Execution[]>
  close(): Promise<void>
}

export type Execution = Pick<Run, 'testId' | 'summary' | 'failures' | 'lost'>

export interface CampaignParts {
  /** An error ends the campaign. */
  execute: Bench['execute']
  /** Told after each run: finished runs must survive a crash. */
  store: Pick<CampaignStore, 'save'>
  progress: Progress
  /** When aborted, the current run ends and does not count. */
  signal: AbortSignal
  /** Called after each whole block, with the number done. Returns why the campaign may end now, or null. */
  mayEnd: (campaign: Campaign, blocks: number) => string | null
  now?: () => number
}

/**
 * Runs until each block has an attempt in which all runs are usable, or has used up its attempts; until the
 * campaign may end, or the signal aborts. A block with a void or failed run is repeated as a whole: only the
 * runs of one attempt share their conditions. Adds every attempt to `campaign.runs`. Throws UserError if a
 * build that the others are compared with fails.
 */
export async function runCampaign(campaign: Campaign, parts: CampaignParts): Promise<void> {
  const { progress, signal, store, now = () => performance.now() } = parts
  const isAborted = () => signal.aborted
  const taken: number[] = []
  for (let block = 0; block < campaign.plan.blocks && campaign.ended === undefined; block++) {
    const before = campaign.runs.length
    for (let due = dueRuns(campaign, block); due.length > 0; due = dueRuns(campaign, block)) {
      if (isAborted()) return
      const left = timeLeft(stepsLeft(campaign, block), taken, campaign.plan.setting)
      progress.note(headline(campaign, due, left))
      const begin = now()
      const executions = await parts.execute(due, signal).catch((error: unknown) => {
        if (!isAborted()) throw error
        return []
      })
      // An aborted run did not end normally.
      if (isAborted()) return
      taken.push((now() - begin) / 1000)
      const { attempt } = stateOf(campaign, block)
      const done = due.map(({ variant, solo }, i): Run => {
        return { ...executions[i]!, block, variant, attempt, solo }
      })
      campaign.runs.push(...done)
      await store.save(campaign)
      for (const run of done) reportUnusable(campaign, run, progress)
    }
    // Whoever resumes a campaign that ended has seen to what ended it.
    const trouble =
      campaign.runs.length > before ? (pointless(campaign) ?? machineTrouble(campaign, block)) : null
    const why = trouble ?? parts.mayEnd(campaign, block + 1)
    if (why !== null && block + 1 < campaign.plan.blocks) {
      campaign.ended = why
      await store.save(campaign)
    }
  }
}

/** How many runs the plan still needs, solo runs included. */
export function runsLeft(campaign: Campaign): number {
  return runsOfBlocks(campaign, 0).reduce((sum, runs) => sum + runs, 0)
}

/** Number of executions left from this block on, if no block has to be repeated. */
export function stepsLeft(campaign: Campaign, from = 0): number {
  const { setting, variants } = campaign.plan
  const together = setting.sideBySide ? variants.length : 1
  return runsOfBlocks(campaign, from).reduce((sum, runs) => sum + Math.ceil(runs / together), 0)
}

/** How many runs each block from this one on still needs. */
function runsOfBlocks(campaign: Campaign, from: number): number[] {
  if (campaign.ended !== undefined) return []
  const { blocks } = campaign.plan
  return Array.from({ length: blocks - from }, (_, index) => stateOf(campaign, from + index).needed.length)
}

/** The runs of a block to execute next: at once, or one by one, as solo runs always. */
function dueRuns(campaign: Campaign, block: number): PlannedRun[] {
  const { needed } = stateOf(campaign, block)
  const together = campaign.plan.setting.sideBySide ? needed.filter(({ solo }) => !solo) : []
  return together.length > 0 ? together : needed.slice(0, 1)
}

/**
 * A block is settled once its latest attempt is usable as a whole, or was the last one. It needs the rest of
 * its current or next attempt, then the solo runs.
 */
function stateOf(campaign: Campaign, block: number) {
  const own = ofBlock(campaign, block)
  const [solos, paired] = [own.filter(({ solo }) => solo), own.filter(({ solo }) => !solo)]
  const latest = Math.max(0, ...paired.map(({ attempt }) => attempt))
  const done = paired.filter(({ attempt }) => attempt === latest)
  const isComplete = done.length >= campaign.plan.variants.length
  const isSettled = isComplete && (done.every(isUsable) || latest > repetitionsOf(campaign))
  const isNext = latest === 0 || (isComplete && !isSettled)
  const has = (runs: readonly Run[], { variant }: PlannedRun) => runs.some((run) => run.variant === variant)
  const planned = schedule(campaign.plan).filter((run) => run.block === block)
  const needed = planned.filter((run) => {
    if (!isSettled) return isNext || !has(done, run)
    // Solo runs only make sense next to usable runs, and are not repeated.
    return run.solo && has(paired.filter(isUsable), run) && !has(solos, run)
  })
  return { attempt: isNext ? latest + 1 : latest, needed }
}

/** In virtual time, a seed has one outcome. */
const repetitionsOf = ({ plan }: Campaign): number => (plan.setting.engine === 'simulation' ? 0 : REPETITIONS)

const ofBlock = ({ runs }: Campaign, block: number): Run[] => runs.filter((run) => run.block === block)

/** A build is given up after this many attempts without a usable run: many gates of a history take more. */
const HOPELESS_ATTEMPTS = { compare: 9, history: 12 }

/** Losing every attempt is a result; more attempts would not change it. */
export function pointless(campaign: Campaign): string | null {
  const { plan, runs } = campaign
  for (const [variant, { text }] of plan.variants.entries()) {
    const own = runs.filter((run) => run.variant === variant)
    if (own.length >= HOPELESS_ATTEMPTS[plan.command] && !own.some(isUsable) && !isLeftToLooks(plan, own))
      return `${text} lost all of its ${own.length} attempts`
  }
  return null
}

/** Only at a look can losses show that the candidate of a sequential comparison is worse. */
function isLeftToLooks({ isSequential = false, criteria }: Plan, own: readonly Run[]): boolean {
  const isCandidate = own[0]!.variant === 1
  const mayBeItsFault = own.some((run) => outcomeOf(run) === 'lost')
  const isJudged = criteria.some(({ name }) => name === 'stability')
  return isSequential && isCandidate && mayBeItsFault && isJudged
}

/** Each run of the block broke a rule about the machine, whichever the build: others would fare no better. */
function machineTrouble(campaign: Campaign, block: number): string | null {
  const { attempt } = stateOf(campaign, block)
  const reasons = ofBlock(campaign, block).map(machineReason)
  const [first] = reasons
  if (!first || reasons.includes(undefined)) return null
  return `this machine could not run it: all ${attempt} attempts of block ${block + 1} were void. ${first.what} ${first.advice}`
}

export function isEndedByMachine(campaign: Campaign): boolean {
  const latest = Math.max(...campaign.runs.map(({ block }) => block!))
  return campaign.ended === machineTrouble(campaign, latest)
}

/** Whoever resumes what a busy machine ended has seen to the machine. */
export function reopen(campaign: Campaign): Campaign {
  if (isEndedByMachine(campaign)) delete campaign.ended
  return campaign
}

function machineReason({ summary }: Run): Reason | undefined {
  return summary?.reasons.find(({ rule }) => MACHINE_RULES.has(rule))
}

function reportUnusable(campaign: Campaign, run: Run, progress: Progress): void {
  const reason = whyUnusable(run)
  if (reason === null || run.solo) return
  const isLast = run.attempt > repetitionsOf(campaign)
  const isFirst = campaign.runs.find((each) => !isUsable(each)) === run
  const first = machineReason(run) ?? run.summary?.reasons[0]
  if (isFirst && first) progress.note(`${first.what} ${first.advice}`)
  const attempts = run.attempt === 1 ? 'one attempt' : `${run.attempt} attempts`
  progress.note(`${reason}: ${isLast ? `block given up after ${attempts}` : 'the block will be repeated'}`)
  const among = repetitionsOf(campaign) > 0 ? ofBlock(campaign, run.block!) : campaign.runs
  const own = among.filter(({ variant }) => variant === run.variant)
  const isCandidate = campaign.plan.command === 'compare' && run.variant === 1
  const haveAllFailed = own.length > REPETITIONS && own.every(({ failures }) => failures.length > 0)
  if (haveAllFailed && !isCandidate) {
    throw new UserError(
      `${campaign.plan.variants[run.variant]!.text} failed ${own.length} times; the last failure: ${run.failures[0]!}`
    )
  }
}

function headline(campaign: Campaign, runs: readonly PlannedRun[], left: string): string {
  const { plan } = campaign
  const { block, solo } = runs[0]!
  const place = `block ${block + 1} of ${plan.isSequential ? 'at most ' : ''}${plan.blocks}`
  const done = campaign.runs.filter((run) => run.attempt === 1).length
  const isSerial = plan.setting.sideBySide !== true
  const where = isSerial ? `run ${done + 1} of ${plan.variants.length * plan.blocks} (${place})` : place
  const { attempt } = stateOf(campaign, block)
  const again = solo ? ', alone' : attempt > 1 ? `, attempt ${attempt}` : ''
  const what = runs.map(({ variant }) => plan.variants[variant]!.text).join(' beside ')
  return `${where[0]!.toUpperCase()}${where.slice(1)}${again}${left}: ${what}`
}

/** Time to connect, drain and submit results, assumed until a run has shown how long it takes. */
const OVERHEAD_SECONDS = 15

/** Such as ", about 4 min left", by the seconds that earlier runs took; empty as long as nothing tells. */
export function timeLeft(steps: number, taken: readonly number[], { duration, engine }: Setting): string {
  // How long virtual time takes depends on the machine and the build.
  if (taken.length === 0 && engine === 'simulation') return ''
  const sum = taken.reduce((total, one) => total + one, 0)
  const seconds = steps * (taken.length > 0 ? sum / taken.length : duration + OVERHEAD_SECONDS)
  const rounded = seconds < 90 ? `${Math.ceil(seconds / 10) * 10} s` : `${Math.round(seconds / 60)} min`
  return `, about ${rounded} left`
}
