import type { Summary } from '../../protocol/summary'
import { groupBy } from '../../protocol/group-by'

export interface Run {
  testId: string
  /** Index of the variant. In a comparison, 0 is the baseline and 1 the candidate. */
  variant: number
  /** Starts at 0; null for results that were not run in blocks. */
  block: number | null
  /** Starts at 1. If a run is void or failed, the whole block is repeated. */
  attempt: number
  /** Measures how much builds that run at the same time slow each other down. It is not compared. */
  solo?: boolean
  /** Null if the run failed before it produced a summary. */
  summary: Summary | null
  /** One line per failure. */
  failures: readonly string[]
  /** The machine that was lost meanwhile, and why: the attempt says nothing about the build. */
  lost?: string
}

export interface UsableRun extends Run {
  summary: Summary
}

export function buildOf({ variant }: Run): 'baseline' | 'candidate' {
  return variant === 0 ? 'baseline' : 'candidate'
}

/** How an attempt ended. Whatever else it reports, it is void if its machine was lost. */
export function endOf({ summary, failures, lost }: Run): 'valid' | 'void' | 'failed' {
  if (lost !== undefined) return 'void'
  return failures.length > 0 || summary === null ? 'failed' : summary.verdict
}

export const isUsable = (run: Run): run is UsableRun => endOf(run) === 'valid'

/** Why a run is not compared, in a few words; null if it is. */
export function whyUnusable(run: Run): string | null {
  const rules = new Set(run.summary?.reasons.map(({ rule }) => rule))
  const why = run.lost ?? run.failures[0] ?? (run.summary ? [...rules].join(', ') : 'there is no summary')
  return isUsable(run) ? null : `${endOf(run)}: ${why}`
}

/** The runs of each attempt at a block, in chronological order. */
export function attemptsOf<R extends Run>(runs: readonly R[]): R[][] {
  const inBlocks = runs.filter(({ block }) => block !== null)
  const attempts = groupBy(inBlocks, ({ block, attempt }) => `${block} ${attempt}`)
  return [...attempts.values()].sort(([a], [b]) => a!.block! - b!.block! || a!.attempt - b!.attempt)
}

/** The runs of each block's last attempt in which all of `variants` are usable: attempts are never mixed. */
export function completeBlocks(runs: readonly Run[], variants: readonly number[]): UsableRun[][] {
  const complete = attemptsOf(runs.filter(isUsable).filter(({ solo }) => solo !== true))
    .map((own) => variants.flatMap((variant) => own.find((run) => run.variant === variant) ?? []))
    .filter(({ length }) => length === variants.length)
  return [...new Map(complete.map((pair) => [pair[0]!.block, pair])).values()]
}

/** Which results are given twice, or null: one that counts twice would look like a second observation. */
export function describeTwins(runs: readonly Run[], names = runs.map(({ testId }) => testId)): string | null {
  const first = new Map<string, string>()
  const twins = names.flatMap((name, index) => {
    const key = JSON.stringify({ ...runs[index]!.summary, testId: '' })
    const twin = first.get(key)
    first.set(key, twin ?? name)
    if (twin === undefined) return []
    return twin === name ? `  ${name} is given twice` : `  ${name} is a copy of ${twin}`
  })
  return twins.length === 0 ? null : ['Each result counts once, on one side:', ...new Set(twins)].join('\n')
}

/** If each side has each seed once: with one seed, peers do the same in the same mesh; pairs tell more. */
export function pairBySeed(runs: readonly Run[]): { design: 'paired' | 'unpaired'; runs: Run[] } {
  const seedsOf = (variant: number) =>
    runs.filter((run) => run.variant === variant).map(({ summary }) => summary?.provenance.seed)
  const [from, to] = [seedsOf(0), seedsOf(1)]
  const blocks = [...new Set(from)]
  const isPaired =
    blocks.length > 0 &&
    !blocks.includes(undefined) &&
    [from, to].every(({ length }) => length === blocks.length) &&
    blocks.every((seed) => to.includes(seed))
  if (!isPaired) return { design: 'unpaired', runs: [...runs] }
  return {
    design: 'paired',
    runs: runs.map((run) => ({ ...run, block: blocks.indexOf(run.summary?.provenance.seed) }))
  }
}
