/** Thresholds: `metric.path op value[unit]`, such as `latency.position.p95 < 200ms` (docs/metrics.md). */
import type { Summary, ThresholdResult } from '../protocol/summary'
import { formatAt, NOT_REACHED, TOO_FEW } from './format'
import { findMetric, METRICS, valueAt, type MetricEntry, type MetricUnit } from './metrics-catalog'
import { nearest } from '../protocol/nearest'

const COMPARISONS = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: number, b: number) => a === b,
  '!=': (a: number, b: number) => a !== b
}
export type Operator = keyof typeof COMPARISONS

/**
 * For each unit that can be written: the metric units it fits, each with a power of ten. KB and MB are powers
 * of 1000.
 */
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

/**
 * @throws ThresholdError if the text is not a threshold, names an unknown metric, or uses a unit that does
 * not fit the metric
 */
export function parseThreshold(text: string): Threshold {
  const parts = new Parts(text)
  const metric = metricOf(parts.take(/[^\s<>=!]*/y), text)
  const operator = parts.take(/[<>=!]+/y)
  if (!isOperator(operator.text)) {
    throw new ThresholdError(
      text,
      operator.column,
      operator.text === ''
        ? `one of ${Object.keys(COMPARISONS).join(' ')} must follow the metric`
        : `${operator.text} is not an operator; use one of ${Object.keys(COMPARISONS).join(' ')}`
    )
  }
  const number = parts.take(/[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?/iy)
  const value = Number(number.text)
  if (number.text === '' || !Number.isFinite(value)) {
    throw new ThresholdError(text, number.column, `a number must follow ${operator.text}`)
  }
  const unit = unitOf(parts.take(/\S*/y), metric, text)
  const rest = parts.take(/.*/sy)
  if (rest.text !== '')
    throw new ThresholdError(text, rest.column, 'nothing may follow the value and its unit')
  return { metric: metric.path, operator: operator.text, value, unit }
}

/**
 * Checks a summary against each expression. An expression that cannot be parsed, or whose metric is unknown,
 * does not pass.
 */
export function evaluateThresholds(summary: Summary, expressions: readonly string[]): ThresholdResult[] {
  return expressions.map((expression) => evaluate(summary, expression))
}

function evaluate(summary: Summary, expression: string): ThresholdResult {
  try {
    const threshold = parseThreshold(expression)
    const { metric } = threshold
    const value = valueAt(summary, metric)
    if (value === null) {
      return { expression, metric, value, passed: false, reason: whyUnknown(summary, metric) }
    }
    return { expression, metric, value, passed: COMPARISONS[threshold.operator](value, limitOf(threshold)) }
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error
    return { expression, metric: '', value: null, passed: false, reason: error.message }
  }
}

function whyUnknown(summary: Summary, metric: string): string {
  switch (formatAt(summary, metric)) {
    case TOO_FEW:
      return `too few messages for ${metric}`
    case NOT_REACHED:
      return `${metric} is not reached: too many of the messages owed never came`
    default:
      return `${metric} is not known in this test`
  }
}

/** The threshold's value in the metric's own unit. Its decimal point moves: 99.9 / 100 is more than 0.999. */
function limitOf({ metric, value, unit }: Threshold): number {
  if (unit === '') return value
  const [digits, exponent = '0'] = String(value).split('e')
  return Number(`${digits!}e${Number(exponent) + UNITS[unit][findMetric(metric)!.unit]!}`)
}

interface Part {
  text: string
  column: number
}

/** Reads a text part by part and skips white space. */
class Parts {
  private at = 0

  constructor(private readonly text: string) {}

  take(pattern: RegExp): Part {
    this.at += /^\s*/.exec(this.text.slice(this.at))![0].length
    pattern.lastIndex = this.at
    const part = { text: pattern.exec(this.text)?.[0] ?? '', column: this.at + 1 }
    this.at += part.text.length
    return part
  }
}

function metricOf({ text: path, column }: Part, expression: string): MetricEntry {
  const metric = findMetric(path)
  if (metric) return metric
  if (path === '')
    throw new ThresholdError(expression, column, 'a metric must come first, such as delivery.position')
  const parts = METRICS.filter((each) => each.path.startsWith(`${path}.`)).map((each) => each.path)
  if (parts.length > 0) {
    throw new ThresholdError(expression, column, `${path} has several values; name one: ${parts.join(', ')}`)
  }
  const near = nearest(
    path,
    METRICS.map((each) => each.path)
  )
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'docs/metrics.md lists them all'
  throw new ThresholdError(expression, column, `there is no metric ${JSON.stringify(path)}; ${hint}`)
}

function unitOf({ text, column }: Part, metric: MetricEntry, expression: string): Unit {
  if (text === '') return ''
  const fitting = (Object.keys(UNITS) as (keyof typeof UNITS)[]).filter(
    (unit) => UNITS[unit][metric.unit] !== undefined
  )
  const unit = fitting.find((name) => name === text)
  if (unit) return unit
  const choice = fitting.length > 0 ? `in ${fitting.join(', ')} or without a unit` : 'without a unit'
  throw new ThresholdError(
    expression,
    column,
    `${metric.path} is given ${choice}, not in ${JSON.stringify(text)}`
  )
}

function isOperator(text: string): text is Operator {
  return Object.hasOwn(COMPARISONS, text)
}
