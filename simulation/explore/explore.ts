/** Simulates trials, and shrinks those that violate an invariant. */
import { planOf, type Builds } from '../plan'
import type { UserError } from '../../options/user-error'
import { LostProcessError, simulateAll } from '../pool'
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
  const meshes = baseline ? [candidate, baseline] : [candidate]
  const findings: Finding[] = []
  const messages = { all: 0, judged: 0 }
  const failures: (string | undefined)[] = []
  const refused: string[] = []
  const judgeTrial = (trial: Trial, results: readonly Result[]) => {
    if (refusalIn(results) !== undefined) return []
    const [broken, before] = results.map((result) => violationsOf(trial, result))
    return before ? newViolations(broken!, before) : broken!
  }
  await simulateGroups(trials, meshes, signal, (index, results) => {
    const broken = judgeTrial(trials[index]!, results)
    if (broken.length > 0) findings.push({ index, broken, least: trials[index]! })
    const refusal = refusalIn(results)
    if (refusal !== undefined) refused.push(refusal)
    const { failures: ours, judged } = results[0]!
    failures[index] = ours[0]
    if (judged && refusal === undefined) {
      messages.all += judged.all
      messages.judged += judged.owed
    }
    tried?.(index, broken)
  })
  for (const finding of findings) {
    // A smaller trial that breaks something else is another finding.
    const names = new Set(finding.broken.map(({ invariant }) => invariant))
    const areAlike = async (smaller: readonly Trial[]) => {
      const alike = smaller.map(() => false)
      await simulateGroups(smaller, meshes, signal, (index, results) => {
        alike[index] = judgeTrial(smaller[index]!, results).some(({ invariant }) => names.has(invariant))
      })
      return alike
    }
    finding.least = await shrink(finding.least, areAlike, shrinkBudget)
  }
  findings.sort((one, other) => one.index - other.index)
  return { findings, messages, failed: failures.includes(undefined) ? null : failures[0]!, refused }
}

/** A browser may run the build all the same, or a machine with more memory. */
function refusalIn(results: readonly Result[]): string | undefined {
  return results.find(({ refusal }) => refusal !== undefined)?.refusal
}

function violationsOf(trial: Trial, { document, failures, errors = [], judged }: Result): Violation[] {
  return document
    ? violations(trial, { document, failures, errors, judged })
    : [{ invariant: 'failed', amount: 1, text: failures[0]! }]
}

/** Simulates each trial with each mesh, over all cores. `done` is called once for each trial. */
async function simulateGroups(
  trials: readonly Trial[],
  meshes: readonly Builds[],
  signal: AbortSignal | undefined,
  done: (index: number, results: readonly Result[]) => void
): Promise<void> {
  const results = trials.map((): Result[] => [])
  const plans = trials.flatMap((trial) =>
    meshes.map((builds) => planOf({ ...trial, builds, tracesMessages: true }))
  )
  const settle = (plan: number, result: Result) => {
    const index = Math.floor(plan / meshes.length)
    const group = results[index]!
    group[plan % meshes.length] = result
    // Not group.length: a build's result may come before that of the build before it.
    if (Object.keys(group).length < meshes.length) return
    done(index, group)
    results[index] = []
  }
  const died = (plan: number, error: UserError) => {
    const isLost = error instanceof LostProcessError
    settle(plan, { failures: [error.message], ...(isLost && { refusal: error.message }) })
  }
  await simulateAll(plans, { signal, done: settle, died })
}
