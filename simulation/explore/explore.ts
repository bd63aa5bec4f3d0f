/** Simulates trials, and shrinks those that violate an invariant. */
import { UserError } from '../../cli/user-error'
import { planOf, type Builds, type Plan } from '../plan'
import { LostProcessError, Pool } from '../pool'
import type { Outcome } from '../simulate'
import { newViolations, violations, type Violation } from './invariants'
import { shrink } from './shrink'
import type { Trial } from './trial'

export interface Finding {
  /** The trial's place in the list. */
  index: number
  broken: Violation[]
  /** The smallest trial found that still violates one of the same invariants. */
  least: Trial
}

export interface Exploration {
  findings: Finding[]
  /** Messages that were sent while both ends were present, and how many of them had to arrive. */
  messages: { all: number; judged: number }
  /** How the candidate failed in the first trial, if it failed in each one. */
  failed: string | null
  /** Why trials say nothing about a build: one line each, in no order. */
  refused: string[]
}

export interface ExploreOptions {
  /** Runs the same trials; only what the candidate breaks and the baseline does not is a finding. */
  baseline?: Builds
  signal?: AbortSignal
  /** Number of trials to spend on shrinking each finding. */
  shrinkBudget: number
  /** Called after each trial, with what it violated. */
  tried?: (index: number, broken: readonly Violation[]) => void
}

/** If the build's process died, only its failure. */
type Result = Pick<Outcome, 'failures'> & Partial<Outcome>

export async function explore(
  trials: readonly Trial[],
  candidate: Builds,
  { baseline, signal, shrinkBudget, tried }: ExploreOptions
): Promise<Exploration> {
  const pool = new Pool()
  const meshes = baseline ? [candidate, baseline] : [candidate]
  const findings: Finding[] = []
  const messages = { all: 0, judged: 0 }
  const failures: (string | undefined)[] = []
  const refused: string[] = []
  const attempt = async (trial: Trial) => {
    const plans = meshes.map((builds) => planOf({ ...trial, builds, tracesMessages: true }))
    const results = await Promise.all(plans.map((plan) => resultOf(plan, pool, signal)))
    // A browser may run the build all the same, or a machine with more memory.
    const refusal = results.find((result) => result.refusal !== undefined)?.refusal
    const [broken, before] = results.map((result) =>
      refusal === undefined ? violationsOf(trial, result) : []
    )
    return { own: results[0]!, refusal, broken: before ? newViolations(broken!, before) : broken! }
  }
  const tryOne = async (trial: Trial, index: number) => {
    const { own, refusal, broken } = await attempt(trial)
    if (broken.length > 0) findings.push({ index, broken, least: trial })
    if (refusal !== undefined) refused.push(refusal)
    else if (own.judged) {
      messages.all += own.judged.all
      messages.judged += own.judged.owed
    }
    failures[index] = own.failures[0]
    tried?.(index, broken)
  }
  try {
    await Promise.all(trials.map(tryOne))
    for (const finding of findings) {
      // A smaller trial that breaks something else is another finding.
      const names = new Set(finding.broken.map(({ invariant }) => invariant))
      const isAlike = async (smaller: Trial) =>
        (await attempt(smaller)).broken.some(({ invariant }) => names.has(invariant))
      finding.least = await shrink(
        finding.least,
        (smaller) => Promise.all(smaller.map(isAlike)),
        shrinkBudget
      )
    }
  } finally {
    pool.close()
  }
  findings.sort((one, other) => one.index - other.index)
  return { findings, messages, failed: failures.includes(undefined) ? null : failures[0]!, refused }
}

async function resultOf(plan: Plan, pool: Pool, signal?: AbortSignal): Promise<Result> {
  try {
    return await pool.run(plan, 0, { signal })
  } catch (error) {
    if (signal?.aborted || !(error instanceof UserError)) throw error
    const { message } = error
    return { failures: [message], ...(error instanceof LostProcessError && { refusal: message }) }
  }
}

function violationsOf(trial: Trial, { document, failures, errors = [], judged }: Result): Violation[] {
  return document
    ? violations(trial, { document, failures, errors, judged })
    : [{ invariant: 'failed', amount: 1, text: failures[0]! }]
}
