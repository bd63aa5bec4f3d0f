/** Formats changes and margins for display. */
import { formatMetric, significant } from '../format'
import type { MetricUnit } from '../metrics-catalog'

type Scale = 'ratio' | 'difference'

/** A ratio as a percentage change, a difference in the metric's unit: "+12.3%", "−0.5 points". */
export function formatChange(scale: Scale, unit: MetricUnit, effect: number): string {
  if (scale === 'ratio')
    return effect >= 2 || effect <= 0.2 ? `× ${significant(effect)}` : signed((effect - 1) * 100, '%')
  return unit === 'ratio' ? signed(effect * 100, 'points') : signed(effect, unit)
}

/** The size of a change, unsigned. */
export function formatMargin(scale: Scale, unit: MetricUnit, size: number): string {
  if (scale === 'ratio') return `${significant(size * 100)}%`
  return unit === 'ratio' ? `${significant(size * 100)} points` : formatMetric(size, unit)
}

function signed(value: number, unit: string): string {
  const size = significant(Math.abs(value))
  const sign = size === '0' ? '' : value < 0 ? '−' : '+'
  return unit === 'count' ? `${sign}${size}` : `${sign}${size}${unit === '%' ? '' : ' '}${unit}`
}
