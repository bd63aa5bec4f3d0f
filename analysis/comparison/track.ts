/** The gate's figures of each commit against its parent, and which commits moved them. */
import { z } from 'zod'
import { ENGINES } from '../../protocol/names'
import { formatMetric, NOT_REACHED } from '../format'
import { gateHeadline } from '../gate/headline'
import { figure, type ComponentResult, type Gate } from '../gate/result'
import { change } from '../gate/sentences'
import { groupBy } from '../../protocol/group-by'
import type { MetricUnit } from '../metrics-catalog'
import { ALPHA } from '../statistics/shift'
import { isTimed } from './metric-choice'

/** One line of the file. Bump the version whenever the meaning of a field changes. */
export const trackedSchema = z.object({
  version: z.literal(1),
  commit: z.string(),
  parent: z.string(),
  subject: z.string(),
  package: z.string().default('').describe('its folder in the repository; empty: the root'),
  committedAt: z.number().describe('ms since 1970'),
  madeAt: z.number().describe('ms since 1970'),
  comparison: z.string().describe('id'),
  engine: z.enum(ENGINES),
  verdict: z.enum(['pass', 'worse', 'undecided']),
  headline: z.string(),
  metrics: z.array(
    z.object({
      metric: z.string(),
      unit: z.string(),
      scale: z.enum(['ratio', 'difference']),
      parent: figure.describe('median'),
      commit: figure.describe('median'),
      estimate: figure.describe('ratio or difference'),
      moved: z.enum(['worse', 'better', 'changed']).nullable()
    })
  )
})
export type Tracked = z.infer<typeof trackedSchema>

type Facts = Omit<Tracked, 'version' | 'engine' | 'verdict' | 'headline' | 'metrics'>

export function trackedOf(facts: Facts, gate: Gate): Tracked {
  const engine = gate.engine ?? 'browser'
  return {
    version: 1,
    ...facts,
    engine,
    verdict: gate.verdict,
    headline: gateHeadline(gate),
    metrics: gate.criteria.flatMap(({ components }) =>
      components.map((component) => {
        const { metric, unit, scale, baseline: parent, candidate: commit, estimate } = component
        return { metric, unit, scale, parent, commit, estimate, moved: movedOf(component, engine) }
      })
    )
  }
}

/** Counts in virtual time repeat exactly: any difference is a change. Timed figures take the gate's test. */
function movedOf(component: ComponentResult, engine: Tracked['engine']): Tracked['metrics'][number]['moved'] {
  const { verdict, isBetter, spread, metric, unit, direction, worseP = 1 } = component
  if (verdict === 'worse') return 'worse'
  if (isBetter) return 'better'
  const isExact = engine === 'simulation' && !isTimed({ path: metric, unit: unit as MetricUnit })
  if (!isExact) return null
  const shift = shiftOf(component)
  if (Number.isNaN(shift)) return null
  const isAlike = spread === null || spread === 0
  // Where seeds disagree, only the gate's test shows a direction.
  if (!isAlike && (shift === 0 || worseP > ALPHA)) return 'changed'
  if (shift === 0) return null
  return shift > 0 === (direction === 'higher is better') ? 'better' : 'worse'
}

/** NaN where a value is unknown, or was never reached before. */
function shiftOf({ scale, estimate, baseline, candidate }: ComponentResult): number {
  if (estimate === 'never') return Infinity
  if (estimate !== null) return scale === 'ratio' ? Math.log(estimate) : estimate
  // From or to 0, which has no ratio.
  return typeof baseline === 'number' && typeof candidate === 'number' ? candidate - baseline : NaN
}

/** A change from never to a value has no size, but both values are known. */
export const isMeasured = ({ metrics }: Tracked) =>
  metrics.some(({ parent, commit }) => parent !== null && commit !== null)

export type Point = ReturnType<typeof lineOf>[number]

/** Oldest commit first. It adds up changes, each measured on one machine: drift between machines cancels. */
export function lineOf(tracked: readonly Tracked[], metric: string) {
  const known = tracked.flatMap((record) => {
    const own = record.metrics.find((each) => each.metric === metric)
    return own ? [{ ...record, own }] : []
  })
  const engine = known.at(-1)?.engine
  const latest = new Map(known.filter((each) => each.engine === engine).map((each) => [each.commit, each]))
  let level: number | null = null
  return inOrder([...latest.values()]).map(({ commit, parent, subject, own }, index, line) => {
    // Commits before it are missing: its parent is not the one before it.
    const isAfterGap = index > 0 && line[index - 1]!.commit !== parent
    const isRatio = own.scale === 'ratio'
    level ??= isRatio ? 1 : 0
    const { estimate } = own
    const isKnown = typeof estimate === 'number' && own.parent !== 'never'
    if (isKnown) level = isRatio ? level * estimate : level + estimate
    return {
      name: `${isAfterGap ? '… ' : ''}${commit.slice(0, 9)} ${subject}`,
      value: own.commit === 'never' ? NOT_REACHED : formatMetric(own.commit, own.unit as MetricUnit),
      change: change(own, isKnown || estimate === 'never' ? estimate : null),
      moved: own.moved ?? '',
      /** All known changes so far, as a factor or a sum; null where this one is unknown. */
      level: isKnown ? level : null,
      isAfterGap
    }
  })
}

/** Each commit after its parent, whatever their dates; the date decides only between chains. */
function inOrder<T extends Tracked>(records: readonly T[]): T[] {
  const known = new Set(records.map(({ commit }) => commit))
  // Latest first, because the last one is taken first.
  const latestFirst = [...records].sort((a, b) => a.committedAt - b.committedAt).reverse()
  const children = groupBy(latestFirst, ({ parent }) => (known.has(parent) ? parent : null))
  const line: T[] = []
  const open = children.get(null) ?? []
  for (let next = open.pop(); next; next = open.pop()) {
    line.push(next)
    open.push(...(children.get(next.commit) ?? []))
  }
  return line
}
