import type { Summary } from '../protocol/summary'
import { LEAST_COUNTS, type LatencyPercentile } from './distribution'
import { findMetric, valueAt, type MetricUnit } from './metrics-catalog'

export const UNKNOWN = '–'
/** Shown for a percentile that has too few messages. */
export const TOO_FEW = 'too few'
/** Shown for a percentile that falls on messages that never arrived. */
export const NOT_REACHED = 'not reached'

/** A metric's value with its unit; values other than counts have three significant digits. */
export function formatMetric(value: number | null, unit: MetricUnit): string {
  if (value === null) return UNKNOWN
  switch (unit) {
    case 'ms':
      return Math.abs(value) >= 10_000 ? `${significant(value / 1000)} s` : `${significant(value)} ms`
    case 'ratio':
      return percent(value)
    case 'count':
      return Number.isInteger(value) ? grouped(value) : significant(value)
    case 'bytes':
      return bytes(value)
    case 'bytes/s':
      return `${bytes(value)}/s`
    default:
      return `${significant(value)} ${unit}`
  }
}

export function formatAt(summary: Summary, path: string): string {
  const value = valueAt(summary, path)
  return value === null ? (missingAt(summary, path) ?? UNKNOWN) : formatMetric(value, findMetric(path)!.unit)
}

/** Why a latency percentile has no value: too few messages, or too many owed ones that never arrived. */
function missingAt(summary: Summary, path: string): string | undefined {
  const [, latency, point] = /^(latency(?:Owed)?\.\w+)\.(p50|p95|p99|max)$/.exec(path) ?? []
  const count = latency === undefined ? null : valueAt(summary, `${latency}.count`)
  if (count === null) return undefined
  return point !== 'max' && count < LEAST_COUNTS[point as LatencyPercentile] ? TOO_FEW : NOT_REACHED
}

/** The start of a content's hash, enough to tell builds apart. */
export const shortHash = (integrity: string): string => integrity.replace(/^\w+-/, '').slice(0, 8)

/** Three significant digits, of small values two, never in exponent notation; thousands are grouped. */
export function significant(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 999.5) return grouped(Math.round(value))
  const decimals =
    magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 0.1 ? 2 : magnitude >= 0.01 ? 3 : 4
  return String(Number(value.toFixed(decimals)))
}

/** A share in %, up to 1 with two decimals. Only 0 is 0%, and only 1 is 100%: 0.99999 is 99.99%. */
function percent(share: number): string {
  if (share * 100 > 100.5) return `${significant(share * 100)}%`
  const hundredths = Math.round(share * 10_000)
  const rest = share - hundredths / 10_000
  // Less is the error of a sum, such as the relay inequality of equal peers.
  const isNearEnd = (hundredths === 0 || hundredths === 10_000) && Math.abs(rest) > 1e-12
  const shown = isNearEnd ? hundredths + Math.sign(rest) : hundredths
  return `${(shown / 100).toFixed(2).replace(/\.00$/, '')}%`
}

function bytes(value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let scaled = value
  let unit = 0
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000
    unit++
  }
  return `${significant(scaled)} ${units[unit]!}`
}

/** 1234567 as 1,234,567. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

/** A p-value with two significant digits; very small ones as "< 0.001". */
export const significantP = (p: number): string => (p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2))))

/** "1 peer", "2,000 peers". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatMetric(count, 'count')} ${count === 1 ? one : many}`
}

/** A ratio as a percentage change, a difference in the metric's unit: "+12.3%", "−0.5 points". */
export function formatChange(scale: Scale, unit: MetricUnit, effect: number): string {
  if (scale === 'ratio')
    return effect >= 2 || effect <= 0.2 ? `× ${significant(effect)}` : signed((effect - 1) * 100, '%')
  return unit === 'ratio' ? signed(effect * 100, 'points') : signed(effect, unit)
}

type Scale = 'ratio' | 'difference'

export function formatMargin(scale: Scale, unit: MetricUnit, size: number): string {
  if (scale === 'ratio') return `${significant(size * 100)}%`
  return unit === 'ratio' ? `${significant(size * 100)} points` : formatMetric(size, unit)
}

function signed(value: number, unit: string): string {
  const size = significant(Math.abs(value))
  const sign = size === '0' ? '' : value < 0 ? '−' : '+'
  return unit === 'count' ? `${sign}${size}` : `${sign}${size}${unit === '%' ? '' : ' '}${unit}`
}

/** ms since 1970 as "2026-11-27 21:04 UTC". */
export const utcTime = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

export const capitalised = (sentence: string) => sentence.charAt(0).toUpperCase() + sentence.slice(1)
