/** Formats numbers and times for people. Metrics of the summary use the same formatter as the terminal. */
import { formatMetric, significant, UNKNOWN } from '../../analysis/format'
import type { MetricUnit } from '../../analysis/metrics-catalog'

const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

const formatted = (format: (value: number) => string) => (value: number | null | undefined) =>
  Number.isFinite(value) ? format(value!) : UNKNOWN

const inUnit = (unit: MetricUnit) => formatted((value) => formatMetric(value, unit))

export const count = formatted((value) => formatMetric(Math.round(value), 'count'))

/** Rounded to three significant figures. */
export const amount = formatted(significant)

/** Formats a share (1 is 100%). */
export const percent = inUnit('ratio')
export const milliseconds = inUnit('ms')
export const bytes = inUnit('bytes')

/** Formats seconds: 42 s, 3:05, 1:00:00. */
export const duration = formatted((value) => {
  const seconds = Math.max(0, Math.round(value))
  if (seconds < 60) return `${seconds} s`
  const two = (part: number) => String(part).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
})

/** Seconds that somebody chose: a warm-up of 0.4 s is not 0 s. */
export const chosen = formatted((value) => (Number.isInteger(value) ? duration(value) : `${amount(value)} s`))

/** 0: nobody knows when, as of a damaged test. */
export const dateTime = formatted((value) => (value === 0 ? UNKNOWN : DATE.format(value)))

/** Both ends of a long id: enough to distinguish peers. */
export const shortId = (id: string): string => (id.length <= 12 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`)
