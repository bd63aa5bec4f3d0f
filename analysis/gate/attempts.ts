/** Stability: how each attempt of each build ended. */
import type { Cause } from '../../protocol/summary'
import { attemptsOf, buildOf, endOf, type Run } from '../comparison/run'
import { sum } from '../distribution'
import { fisherTail, isShownBelow, upperLimit, type Tally } from '../statistics/counts'
import { leastPOf, sequentialP, type Look } from '../statistics/sequential'
import { ALPHA } from '../statistics/shift'
import { positiveTail } from '../statistics/signed-ranks'
import type { BlockLook } from './measured'
import type { AttemptCounts, Gate, GatePart, ReasonCounts } from './result'

/** `lost`: void or failed, perhaps because of the build. `machine`: void, certainly not because of it. */
export type Outcome = 'valid' | 'lost' | 'machine'

export function outcomeOf(run: Run): Outcome {
  if (endOf(run) === 'valid') return 'valid'
  return reasonsOf(run).every(({ cause }) => cause === 'machine') ? 'machine' : 'lost'
}

export function attemptTable(runs: readonly Run[]): Gate['attempts'] {
  const reasons = new Map<string, ReasonCounts>()
  for (const run of runs) {
    const build = buildOf(run)
    // The machine may break a rule in one attempt that a build breaks in another.
    for (const [key, own] of new Map(reasonsOf(run).map((each) => [`${each.rule} ${each.cause}`, each]))) {
      const counts = reasons.get(key) ?? { reason: own.rule, cause: own.cause, baseline: 0, candidate: 0 }
      counts[build]++
      reasons.set(key, counts)
    }
  }
  return { baseline: countsOf(runs, 0), candidate: countsOf(runs, 1), reasons: [...reasons.values()] }
}

/** Reasons of attempts that left nothing to judge by the rules. */
export const WITHOUT_SUMMARY = ['lost-node', 'failed'] as const

function reasonsOf({ summary, failures, lost }: Run): readonly { rule: string; cause: Cause }[] {
  const [lostNode, failed] = WITHOUT_SUMMARY
  if (lost !== undefined) return [{ rule: lostNode, cause: 'machine' }]
  if (failures.length > 0 || summary === null) return [{ rule: failed, cause: 'build-or-machine' }]
  return summary.reasons
}

function countsOf(runs: readonly Run[], variant: number): AttemptCounts {
  const ends = runs.filter((run) => run.variant === variant).map(endOf)
  const count = (end: (typeof ends)[number]) => ends.filter((each) => each === end).length
  return { attempts: ends.length, valid: count('valid'), void: count('void'), failed: count('failed') }
}

export interface StabilityTest extends NonNullable<GatePart['stability']> {
  /** One-sided, exact; 1 if it is above ALPHA. */
  worseP: number
  /** The smallest p-value that these attempts could have given. */
  leastP: number
  holds: boolean
  /** Whether the machine alone lost more attempts of the candidate than chance explains. */
  isLopsided: boolean
}

const UNKNOWN_TEST = { trials: 0, estimate: null, limit: null, worseP: 1, leastP: 1, holds: false }

/**
 * Tests attempts that were made in pairs, without those that only the machine can have lost.
 *
 * *Worse*: McNemar's exact test of the attempts in which exactly one build's run was lost: if the builds do
 * not differ, a fair coin decides which. It assumes only that both were treated alike: a problem of the
 * machine that hits both runs, or several blocks, cannot raise an alarm. Fisher's and Barnard's tests would
 * assume independent attempts.
 *
 * *Holds*: the share of attempts lost by the candidate alone is below the margin (exact binomial). Not if the
 * machine's losses fall on the candidate: then they may be its doing.
 *
 * @param looks blocks at each look, and the share of the level that may be spent by then
 */
export function testPairs(runs: readonly Run[], looks: readonly BlockLook[], margin: number): StabilityTest {
  const pairs = pairsOf(runs, 'lost')
  const differences = pairs.map(({ lostMore }) => lostMore)
  const upTo = (blocks: number) => differences.filter((_, index) => pairs[index]!.block < blocks)
  const flips = looks.map(({ blocks, spent }): Look => ({ count: upTo(blocks).length, spent }))
  const isLopsided = positiveTail(pairsOf(runs, 'machine').map(({ lostMore }) => lostMore)) <= ALPHA
  if (pairs.length === 0) return { ...UNKNOWN_TEST, isLopsided }
  // Each loss adds an attempt. Only looks after fixed numbers of attempts do not depend on the losses.
  const tallies = looks.map(({ blocks }) => {
    const own = upTo(blocks).slice(0, blocks)
    return { trials: own.length, count: own.filter((lostMore) => lostMore === 1).length }
  })
  const trials = upTo(looks.at(-1)?.blocks ?? 0).length
  return {
    trials,
    estimate: sum(differences) / pairs.length,
    limit: trials === 0 || isLopsided ? null : upperLimit(tallies, ALPHA),
    worseP: sequentialP(differences, flips, ALPHA),
    leastP: leastPOf(differences),
    holds: !isLopsided && isShownBelow(tallies, margin, ALPHA),
    isLopsided
  }
}

/** The attempts in which both builds ran, in chronological order: the machine's, or those that count. */
function pairsOf(runs: readonly Run[], cause: Exclude<Outcome, 'valid'>) {
  return attemptsOf(runs).flatMap((own) => {
    const [from, to] = [0, 1].map((variant) => own.find((run) => run.variant === variant))
    if (!from || !to) return []
    const outcomes = [outcomeOf(from), outcomeOf(to)]
    if (outcomes.includes('machine') !== (cause === 'machine')) return []
    // 1 if only the candidate was lost; −1 if only the baseline was.
    return [{ block: from.block!, lostMore: Number(outcomes[1] === cause) - Number(outcomes[0] === cause) }]
  })
}

/**
 * Tests results that were not made in pairs: Fisher's exact test, and the upper limit of the candidate's own
 * losses. What only the machine can cause counts for neither build.
 */
export function testSets(runs: readonly Run[], margin: number): StabilityTest {
  const outcomes = [0, 1].map((variant) => runs.filter((run) => run.variant === variant).map(outcomeOf))
  const tallies = (cause: Outcome, without?: Outcome) =>
    outcomes.map((own) => ({
      count: own.filter((each) => each === cause).length,
      trials: own.filter((each) => each !== without).length
    })) as [Tally, Tally]
  const [ofBaseline, ofCandidate] = tallies('machine')
  const [from, to] = tallies('lost', 'machine')
  const isLopsided = fisherTail(ofCandidate, ofBaseline) <= ALPHA
  if (from.trials === 0 || to.trials === 0) return { ...UNKNOWN_TEST, isLopsided }
  const estimate = to.count / to.trials - from.count / from.trials
  return {
    trials: to.trials,
    estimate,
    limit: isLopsided ? null : upperLimit([to], ALPHA),
    worseP: fisherTail(to, from),
    leastP: from.count + to.count > 0 ? 0 : 1,
    holds: !isLopsided && isShownBelow([to], margin, ALPHA),
    isLopsided
  }
}
