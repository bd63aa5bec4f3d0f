/** The formats of a comparison, and those for tools that follow numbers and give no verdict of their own. */
import { median } from '../statistics/median'
import type { ComponentResult } from '../gate/result'
import { comparisonMarkdown } from './markdown'
import type { Format, Judged, Part } from './judged'
import { junit } from './junit'

export const WRITERS: Readonly<Record<Exclude<Format, 'text' | 'json'>, (parts: readonly Part[]) => string>> =
  {
    markdown: (parts) =>
      parts
        .map(({ judged, trouble }) => (judged ? comparisonMarkdown(judged) : `${trouble ?? ''}\n`))
        .join('\n'),
    junit,
    'benchmark-json': benchmarkJson,
    bmf: bencherJson
  }

/**
 * For benchmark-action/github-action-benchmark, as `customSmallerIsBetter`. What should be large is given as
 * what is lacking: `1 − delivery.position`.
 */
function benchmarkJson(parts: readonly Part[]): string {
  return json(figures(parts).map(smallerIsBetter).filter(hasNumber))
}

/** Not 1 ÷ 0, of which JSON has no number. */
const hasNumber = ({ value }: { value: number }) => Number.isFinite(value)

function smallerIsBetter(figure: Figure) {
  const { metric, unit, isHigherBetter, baseline, candidate, scale, change } = figure
  const of = scale === 'ratio' ? 'candidate ÷ baseline' : 'candidate − baseline'
  const isShare = unit === 'ratio'
  const lacking = (value: number) => (isShare ? 1 - value : 1 / value)
  const name = isShare ? `1 − ${metric}` : `1 ÷ ${metric}`
  return {
    name: isHigherBetter ? name : metric,
    unit: isHigherBetter && !isShare ? `1/${unit}` : unit,
    value: isHigherBetter ? lacking(candidate) : candidate,
    extra: `baseline: ${isHigherBetter ? lacking(baseline) : baseline}\n${metric}, ${of}: ${change}`
  }
}

/** Bencher Metric Format: the candidate's median, and its change, which does not follow the machine. */
function bencherJson(parts: readonly Part[]): string {
  const entries = figures(parts).map(({ metric, candidate, change, low, high }) => [
    metric,
    {
      value: { value: candidate },
      change: {
        value: change,
        ...(low !== null && { lower_value: low }),
        ...(high !== null && { upper_value: high })
      }
    }
  ])
  return json(Object.fromEntries(entries))
}

/** What has no number, so that the format cannot tell it: one line each. */
export function lackingIn(format: Format, parts: readonly Part[]): string[] {
  if (format !== 'benchmark-json' && format !== 'bmf') return []
  const lacking = parts.flatMap((part) => figuresOf(part).lacking)
  const smaller = format === 'bmf' ? [] : figures(parts).map(smallerIsBetter)
  const names = [...lacking, ...smaller.filter((each) => !hasNumber(each)).map(({ name }) => name)]
  return names.map((name) => `${name} has no number: ${format} leaves it out`)
}

const figures = (parts: readonly Part[]) => parts.flatMap((part) => figuresOf(part).figures)
const json = (value: unknown) => `${JSON.stringify(value, undefined, 1)}\n`

/** One metric for a tool that follows numbers. The change is candidate over baseline, or minus it. */
type Figure = NonNullable<ReturnType<typeof ofMetric>>

/** The figures of a part by metric, and the metrics that have none, such as a message that never arrived. */
function figuresOf({ name, judged }: Part): { figures: Figure[]; lacking: string[] } {
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
  const { metric, unit, scale, direction, baseline, candidate, estimate, limit } = component
  if (typeof baseline !== 'number' || typeof candidate !== 'number' || typeof estimate !== 'number')
    return null
  const isHigherBetter = direction === 'higher is better'
  const bound = typeof limit === 'number' ? limit : null
  return {
    ...{ metric: prefix + metric, unit, isHigherBetter, baseline, candidate, scale, change: estimate },
    low: isHigherBetter ? bound : null,
    high: isHigherBetter ? null : bound
  }
}

function ofMetric(prefix: string, compared: NonNullable<Judged['primary']>) {
  const { entry, metric, values, estimate, interval } = compared
  const [baseline, candidate] = [median(values.baseline), median(values.candidate)]
  if (![baseline, candidate, estimate].every(Number.isFinite)) return null
  return {
    ...{ metric: prefix + entry.path, unit: entry.unit, isHigherBetter: entry.better === 'higher' },
    ...{ baseline, candidate, scale: metric.scale, change: estimate },
    /** Null where the runs do not bound the change. */
    low: interval?.low ?? null,
    high: interval?.high ?? null
  }
}
