/** Numbers with their units, as people read them. */
import type { MetricUnit } from './metrics-catalog'

/** What stands for a metric that is not known. */
export const UNKNOWN = '–'

/** A metric's value with its unit, in three significant digits where it is not a count. */
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

/** Three significant digits, never in exponents; whole thousands are grouped. */
export function significant(value: number): string {
  const magnitude = Math.abs(value)
  if (magnitude >= 1000) return grouped(Math.round(value))
  return String(Number(value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2)))
}

/** A share in %, two decimals. Only what is whole is shown as 100 %: 0.99999 is 99.99 %. */
function percent(share: number): string {
  const hundredths = Math.round(share * 10_000)
  const shown = hundredths === 10_000 && share < 1 ? 9_999 : hundredths
  return `${(shown / 100).toFixed(2).replace(/\.00$/, '')} %`
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
function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
