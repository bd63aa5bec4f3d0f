/** What each format tells: one comparison, or one for each network of a weather map. */
import type { z } from 'zod'
import { median } from '../distribution'
import type { ComponentResult } from '../gate/result'
import type { judgedSchema } from './document'

export const FORMATS = ['text', 'markdown', 'json', 'junit', 'benchmark-json', 'bmf'] as const
export type Format = (typeof FORMATS)[number]

/** The part of `comparison.json` that it has whether or not runs could be compared. */
export type Judged = z.infer<typeof judgedSchema>

/** Void runs may still show that a build is worse. */
export function isMeasured({ why = null, isUnmeasured = why !== null, gate }: Judged): boolean {
  return !isUnmeasured || gate.verdict === 'worse'
}

type Metric = NonNullable<Judged['primary']>

export interface Part {
  /** The network, in a weather map; empty for a single comparison. */
  name: string
  /** Null if it did not come to a verdict. */
  judged: Judged | null
  /** Why not, in one line. */
  trouble: string | null
}

/** What decides it in a CI job, whose results end with it. */
export function repeated(next: string | null): string | null {
  // A busy machine ended it: more blocks are not what it lacks.
  if (/^npx peer-perf \w+ --resume \S+$/.test(next ?? '')) return 'repeat it on a machine that is free'
  const [, begun, most] = /^npx peer-perf \w+( --resume)?.*(--max-blocks \d+)$/.exec(next ?? '') ?? []
  if (most === undefined) return null
  return `repeat it with ${most}${begun === undefined ? ' instead of --blocks' : ''}`
}

/** One metric for a tool that follows numbers. The change is candidate over baseline, or minus it. */
export type Figure = NonNullable<ReturnType<typeof ofMetric>>

/** The figures of a part by metric, and the metrics that have none, such as a message that never arrived. */
export function figuresOf({ name, judged }: Part): { figures: Figure[]; lacking: string[] } {
  const prefix = name === '' ? '' : `${name}: `
  const components = (judged?.gate.criteria ?? []).flatMap((criterion) => criterion.components)
  const compared = [judged?.primary ?? [], judged?.secondary ?? []].flat()
  const found = new Map<string, Figure | null>([
    ...components.map((each) => [prefix + each.metric, ofComponent(prefix, each)] as const),
    ...compared.map((each) => [prefix + each.entry.path, ofMetric(prefix, each)] as const)
  ])
  return {
    figures: [...found.values()].filter((figure) => figure !== null),
    lacking: [...found].flatMap(([metric, figure]) => (figure === null ? [metric] : []))
  }
}

/** The gate bounds only the change for the worse. */
function ofComponent(prefix: string, component: ComponentResult): Figure | null {
  const { metric, unit, direction, baseline, candidate, estimate, limit } = component
  if (typeof baseline !== 'number' || typeof candidate !== 'number' || typeof estimate !== 'number')
    return null
  const isHigherBetter = direction === 'higher is better'
  const bound = typeof limit === 'number' ? limit : null
  return {
    ...{ metric: prefix + metric, unit, isHigherBetter, baseline, candidate, change: estimate },
    low: isHigherBetter ? bound : null,
    high: isHigherBetter ? null : bound
  }
}

function ofMetric(prefix: string, { entry, values, estimate, interval }: Metric) {
  const [baseline, candidate] = [median(values.baseline), median(values.candidate)]
  if (![baseline, candidate, estimate].every(Number.isFinite)) return null
  return {
    ...{ metric: prefix + entry.path, unit: entry.unit, isHigherBetter: entry.better === 'higher' },
    ...{ baseline, candidate, change: estimate },
    /** Null where the runs do not bound the change. */
    low: interval?.low ?? null,
    high: interval?.high ?? null
  }
}
