/** Figures for tools that follow numbers from commit to commit, and that give no verdict of their own. */
import { figuresOf, type Figure, type Format, type Part } from './judged'

/**
 * For benchmark-action/github-action-benchmark, as `customSmallerIsBetter`. What should be large is given as
 * what is lacking: `1 − delivery.position`.
 */
export function benchmarkJson(parts: readonly Part[]): string {
  return json(figures(parts).map(smallerIsBetter).filter(hasNumber))
}

/** Not 1 ÷ 0, of which JSON has no number. */
const hasNumber = ({ value }: { value: number }) => Number.isFinite(value)

function smallerIsBetter(figure: Figure) {
  const { metric, unit, isHigherBetter, baseline, candidate, change } = figure
  const isShare = unit === 'ratio'
  const lacking = (value: number) => (isShare ? 1 - value : 1 / value)
  const name = isShare ? `1 − ${metric}` : `1 ÷ ${metric}`
  return {
    name: isHigherBetter ? name : metric,
    unit: isHigherBetter && !isShare ? `1/${unit}` : unit,
    value: isHigherBetter ? lacking(candidate) : candidate,
    extra: `baseline: ${isHigherBetter ? lacking(baseline) : baseline}\nchange of ${metric}: ${change}`
  }
}

/** Bencher Metric Format: the candidate's median, and its change, which does not follow the machine. */
export function bencherJson(parts: readonly Part[]): string {
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
