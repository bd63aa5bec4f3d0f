import { conclude, type Conclusion } from '../../analysis/comparison/comparison'
import { namesOf } from '../../analysis/comparison/heading'
import { DEFAULT_PRIMARY, DEFAULT_SECONDARY } from '../../analysis/comparison/metric-choice'
import { describeTwins, pairBySeed, type Run } from '../../analysis/comparison/run'
import { ID_PATTERN } from '../../protocol/limits'
import type { Summary } from '../../protocol/summary'

export const SIDES = ['baseline', 'candidate'] as const
export type Side = (typeof SIDES)[number]
/** The side of each test, in the order in which they were picked. */
export type Picks = ReadonlyMap<string, Side>

/** Puts a test on a side, or removes it if it is already there. A test is never on both sides. */
export function toggle(picks: Picks, id: string, side: Side): Picks {
  const changed = new Map(picks)
  changed.delete(id)
  if (picks.get(id) !== side) changed.set(id, side)
  return changed
}

export function idsOf(picks: Picks, side: Side): string[] {
  return [...picks].flatMap(([id, own]) => (own === side ? [id] : []))
}

/** Parses an address such as `#/compare?baseline=a1,a2&candidate=b1,b2`; ignores invalid ids. */
export function picksOf(query: string): Picks {
  const parameters = new URLSearchParams(query)
  return new Map(
    SIDES.flatMap((side) =>
      (parameters.get(side) ?? '')
        .split(',')
        .filter((id) => ID_PATTERN.test(id))
        .map((id): [string, Side] => [id, side])
    )
  )
}

export function compareHref(picks: Picks): string {
  const sides = SIDES.filter((side) => idsOf(picks, side).length > 0)
  const query = sides.map((side) => `${side}=${idsOf(picks, side).join(',')}`).join('&')
  return query === '' ? '#/compare' : `#/compare?${query}`
}

/**
 * The same as `peer-perf compare --from … --to …` of these tests.
 * @throws UnlikeRunsError, NothingToCompareError; Error for a test without results, or one that is a copy
 */
export function comparePicked(
  picks: Picks,
  summaryOf: (id: string) => Summary | null | undefined,
  force: boolean
): Conclusion {
  const runs = SIDES.flatMap((side, variant) =>
    idsOf(picks, side).map((testId): Run => {
      const summary = summaryOf(testId) ?? null
      return { testId, variant, block: null, attempt: 1, summary, failures: [] }
    })
  )
  const missing = runs.filter(({ summary }) => !summary).map(({ testId }) => testId)
  if (missing.length > 0) throw new Error(`No results of ${missing.join(', ')}: clear the picks`)
  const twins = describeTwins(runs)
  if (twins !== null) throw new Error(twins)
  return conclude({
    id: 'picked',
    madeAt: Date.now(),
    baseline: namesOf(idsOf(picks, 'baseline')),
    candidate: namesOf(idsOf(picks, 'candidate')),
    ...pairBySeed(runs),
    primary: DEFAULT_PRIMARY,
    secondary: DEFAULT_SECONDARY,
    force
  })
}
