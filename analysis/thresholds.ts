/** Thresholds: `metric.path op value[unit]`, such as `latency.position.p95 < 200ms` (docs/metrics.md). */
import type { Summary, ThresholdResult } from '../protocol/summary'
import { formatAt, NOT_REACHED, TOO_FEW } from './format'
import { findMetric, METRICS, valueAt, type MetricUnit } from './metrics-catalog'
import { nearest } from '../protocol/nearest'

const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b
}
type Operator = keyof typeof COMPARISONS

/** For each unit: the metric units it fits, each with a power of ten. KB and MB are powers of 1000. */
const UNITS: Record<Exclude<Unit, ''>, Partial<Record<MetricUnit, number>>> = {
  ms: { ms: 0, s: -3 },
  s: { ms: 3, s: 0 },
  '%': { ratio: -2 },
  B: { bytes: 0, 'bytes/s': 0 },
  KB: { bytes: 3, 'bytes/s': 3 },
  MB: { bytes: 6, 'bytes/s': 6 }
}
type Unit = '' | 'ms' | 's' | '%' | 'B' | 'KB' | 'MB'

export interface Threshold {
  metric: string
  operator: Operator
  /** As written, in `unit`, or in the metric's own unit if none is written. */
  value: number
  unit: Unit
}

/** A syntax error in a threshold. The message names the column; `pointer` marks it. */
export class ThresholdError extends Error {
  override readonly name = 'ThresholdError'

  constructor(
    readonly expression: string,
    /** Starts at 1. */
    readonly column: number,
    problem: string
  ) {
    super(`Threshold ${JSON.stringify(expression)}, column ${column}: ${problem}`)
  }

  /** Two lines: the expression, and a caret under the position of the error. */
  get pointer(): string {
    return `${this.expression}\n${' '.repeat(this.column - 1)}^`
  }
}

type Part = 'metric' | 'operator' | 'value' | 'unit' | 'rest'
/** Matches any text: each part may be empty. */
const PARTS =
  /^\s*(?<metric>[^\s<>=!]*)\s*(?<operator>[<>=!]*)\s*(?<value>(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)?)\s*(?<unit>\S*)\s*(?<rest>.*)$/dis

/** @throws ThresholdError for bad syntax, an unknown metric, or a unit that does not fit it */
export function parseThreshold(text: string): Threshold {
  const { groups, indices } = PARTS.exec(text)!
  const { metric: path, operator, value: number, unit, rest } = groups as Record<Part, string>
  const wrong = (part: Part, problem: string) =>
    new ThresholdError(text, indices!.groups![part]![0] + 1, problem)
  const metric = findMetric(path)
  if (!metric) throw wrong('metric', whyNoMetric(path))
  const operators = Object.keys(COMPARISONS).join(' ')
  if (operator === '') throw wrong('operator', `one of ${operators} must follow the metric`)
  if (!Object.hasOwn(COMPARISONS, operator))
    throw wrong('operator', `${operator} is not an operator; use one of ${operators}`)
  const value = Number(number)
  if (number === '' || !Number.isFinite(value)) throw wrong('value', `a number must follow ${operator}`)
  const fitting = Object.entries(UNITS).flatMap(([name, fits]) => (metric.unit in fits ? name : []))
  if (unit !== '' && !fitting.includes(unit)) {
    const choice = fitting.length > 0 ? `in ${fitting.join(', ')} or without a unit` : 'without a unit'
    throw wrong('unit', `${path} is given ${choice}, not in ${JSON.stringify(unit)}`)
  }
  if (rest !== '') throw wrong('rest', 'nothing may follow the value and its unit')
  return { metric: path, operator: operator as Operator, value, unit: unit as Unit }
}

function whyNoMetric(path: string): string {
  if (path === '') return 'a metric must come first, such as delivery.position'
  const paths = METRICS.map((metric) => metric.path)
  const parts = paths.filter((each) => each.startsWith(`${path}.`))
  if (parts.length > 0) return `${path} has several values; name one: ${parts.join(', ')}`
  const near = nearest(path, paths)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'docs/metrics.md lists them all'
  return `there is no metric ${JSON.stringify(path)}; ${hint}`
}

/** An expression that cannot be parsed, or whose metric is unknown, does not pass. */
export function evaluateThresholds(summary: Summary, expressions: readonly string[]): ThresholdResult[] {
  return expressions.map((expression) => evaluate(summary, expression))
}

function evaluate(summary: Summary, expression: string): ThresholdResult {
  try {
    const threshold = parseThreshold(expression)
    const { metric } = threshold
    const value = valueAt(summary, metric)
    if (value === null)
      return { expression, metric, value, passed: false, reason: whyUnknown(summary, metric) }
    return { expression, metric, value, passed: COMPARISONS[threshold.operator](value, limitOf(threshold)) }
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error
    return { expression, metric: '', value: null, passed: false, reason: error.message }
  }
}

/** Whether a value as shown, which is rounded, would pass. */
export function looksMet(expression: string, shown: string): boolean {
  const threshold = parseThreshold(expression)
  const plain = shown.replaceAll(',', '').replace(' GB', 'e3 MB').replace(' TB', 'e6 MB')
  const [, digits, unit = ''] = /^([-+\de.]*) ?(m?s$|%|[KM]?B)?/.exec(plain)!
  const value = limitOf({ ...threshold, value: Number(digits), unit: unit as Unit })
  return COMPARISONS[threshold.operator](value, limitOf(threshold))
}

function whyUnknown(summary: Summary, metric: string): string {
  const shown = formatAt(summary, metric)
  if (shown === TOO_FEW) return `too few messages for ${metric}`
  if (shown === NOT_REACHED) return `${metric} is not reached: too many of the messages owed never came`
  return `${metric} is not known in this test`
}

/** The threshold's value in the metric's own unit. Its decimal point moves: 99.9 / 100 is more than 0.999. */
function limitOf({ metric, value, unit }: Threshold): number {
  if (unit === '') return value
  const [digits, exponent = '0'] = String(value).split('e')
  return Number(`${digits!}e${Number(exponent) + UNITS[unit][findMetric(metric)!.unit]!}`)
}
