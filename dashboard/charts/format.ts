/** Numbers and times as people read them. */

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 })
const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const DATE = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

/** Stands for what is not known. */
export const UNKNOWN = '–'

type Known = number | null | undefined
const isKnown = (value: Known): value is number =>
  value !== null && value !== undefined && Number.isFinite(value)

const formatted = (format: (value: number) => string) => (value: Known) =>
  isKnown(value) ? format(value) : UNKNOWN

export const count = formatted((value) => (Math.abs(value) < 100_000 ? WHOLE : COMPACT).format(value))

/** Three figures. */
export const amount = formatted((value) => COMPACT.format(value))

/** Of a share of 1. Never rounded up to a 100 % that it is not. */
export const percent = formatted((value) => {
  const rounded = Number((value * 100).toFixed(value > 0.9 ? 2 : 1))
  return `${value < 1 && rounded === 100 ? '> 99.99' : rounded} %`
})

export const milliseconds = formatted((value) =>
  value >= 10_000 ? `${COMPACT.format(value / 1000)} s` : `${COMPACT.format(value)} ms`
)

export const bytes = formatted((value) => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)))
  return `${COMPACT.format(value / 1000 ** power)} ${units[power]!}`
})

/** Of seconds: 42 s, 3:05, 1:00:00. */
export const duration = formatted((value) => {
  const seconds = Math.max(0, Math.round(value))
  if (seconds < 60) return `${seconds} s`
  const two = (part: number) => String(part).padStart(2, '0')
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
})

export const dateTime = formatted((value) => DATE.format(value))

/** Both ends of a long id: enough to tell peers apart. */
export function shortId(id: string): string {
  return id.length <= 12 ? id : `${id.slice(0, 4)}…${id.slice(-4)}`
}
