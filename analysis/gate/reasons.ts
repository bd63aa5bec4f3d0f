/** Explains why a criterion of the gate is undecided, and what would settle it. */
import { formatChange, formatMargin } from '../format'
import { ALPHA } from '../statistics/shift'
import type { Test } from './adjustment'
import type { StabilityTest } from './attempts'
import type { Criterion } from './criteria'
import type { ComponentTest } from './measured'

const TOO_EARLY = 'too few blocks for the first look: run more blocks'

interface Circumstances {
  /** False if the builds shared cores and the criterion is timed. */
  canHold: boolean
  /** False if no block was valid in both builds. */
  hasRuns: boolean
}

/** One sentence. */
export function whyUndecided(criterion: Criterion, test: Test, { canHold, hasRuns }: Circumstances): string {
  if (!Array.isArray(test)) return whyUnstable(criterion, test)
  if (!hasRuns) return 'no block was valid in both builds, so there is nothing to compare'
  if (!canHold)
    return 'the builds shared cores, where one slows the other: a timed criterion cannot be shown to hold'
  const partly = test.filter(({ lopsided }) => lopsided > 0).map(nameOf)
  if (partly.length > 0) return `unknown in some runs: ${partly.join(', ')}`
  const open = test.filter(({ holds, component }) => !holds && !component.onlyWorse)
  if (open.some(({ count }) => count === 0)) return TOO_EARLY
  const more = open.find(({ isMore }) => isMore)
  if (more?.component.noneMore)
    return `the candidate has more ${nameOf(more)} than the baseline, but not shown beyond chance`
  if (more)
    return `a few runs are so much worse that the mean is beyond the margin (${nameOf(more)}): look at them, or run more blocks`
  const short = open.find(({ limit }) => limit() === null)
  if (short) return tooFew(short)
  const slightly = open.filter((each) => each.worseP <= ALPHA).map(slightlyWorse)
  if (slightly.length > 0) return `slightly worse: ${slightly.join(', ')}`
  return `a change for the worse as large as the margin is still possible (${open.map(nameOf).join(', ')}): run more blocks`
}

function tooFew(test: ComponentTest): string {
  const [counting, all] = [test.count, test.differences.length]
  if (all === 0) return 'too few runs: 4 of each build are the fewest'
  if (counting >= 5) return 'too few blocks for an early look: run more blocks'
  // The others lack the metric, or came after the last look.
  const why = counting < all ? `${nameOf(test)} counts in ${counting} of ${all} blocks` : 'too few runs'
  return `${why}: 5 blocks are the fewest`
}

const nameOf = ({ component }: ComponentTest) => component.metric.name

function slightlyWorse({ component: { metric, unit }, estimate }: ComponentTest): string {
  const change = formatChange(metric.scale, unit, estimate)
  return `${metric.name} ${change}, not shown to exceed the margin of ${formatMargin(metric.scale, unit, metric.margin)}`
}

function whyUnstable({ margin }: Criterion, { trials, estimate, limit, isLopsided }: StabilityTest): string {
  if (isLopsided)
    return 'the machine lost more attempts of the candidate than chance explains: find out why, it may be the cause'
  if (trials === 0 && estimate !== null) return TOO_EARLY
  const needed = attemptsToHold(margin)
  if (trials < needed)
    return `it takes ${needed} attempts without a loss; there ${trials === 1 ? 'is 1' : `are ${trials}`}`
  return `the candidate may lose up to ${Math.round((limit ?? 1) * 100)}% more of its attempts: run more blocks`
}

/** How many without a loss show that the share of losses is below the margin. */
const attemptsToHold = (margin: number): number =>
  Math.max(1, Math.ceil(Math.log(ALPHA) / Math.log1p(-margin)))
