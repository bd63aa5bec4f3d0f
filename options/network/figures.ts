/** The figures of a custom line: `delay=40ms,loss=1%,down=10mbit`. */
import { PERFECT, type Link, type Nat } from './link'

interface Figure<Value> {
  unit: string
  parse: (text: string) => Value | undefined
  format: (value: Value) => string
}

const MOST_MS = 10_000
/** No peer library works over a worse link. `offline` cuts a peer off completely. */
const MOST_LOSS = 0.9
const RATES = { kbit: 1e3, mbit: 1e6, gbit: 1e9 } as const
const [LEAST_RATE, MOST_RATE] = [8e3, 100e9]

/** A figure survives formatting and parsing, although 8.002762 × 1e9 is 8002761999.999999. */
const exact = (value: number) => Number(value.toPrecision(12))

const within = (value: number, least: number, most: number) =>
  value >= least && value <= most ? exact(value) : undefined

const milliseconds: Figure<number> = {
  unit: 'a time like 40ms or 0.3s, up to 10s',
  parse: (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text) ?? []
    return digits === undefined ? undefined : within(Number(digits) * (unit === 's' ? 1000 : 1), 0, MOST_MS)
  },
  format: (value) => `${exact(value)}ms`
}

const share: Figure<number> = {
  unit: 'a share like 1%, up to 90%',
  parse: (text) => {
    const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? []
    return digits === undefined ? undefined : within(Number(digits) / 100, 0, MOST_LOSS)
  },
  format: (value) => `${exact(value * 100)}%`
}

const rate: Figure<number> = {
  unit: 'a rate like 10mbit, 500kbit or 1gbit, from 8kbit to 100gbit',
  parse: (text) => {
    const [, digits, unit] = /^(\d+(?:\.\d+)?)(kbit|mbit|gbit)$/i.exec(text) ?? []
    if (digits === undefined || unit === undefined) return undefined
    return within(Number(digits) * RATES[unit.toLowerCase() as keyof typeof RATES], LEAST_RATE, MOST_RATE)
  },
  format: (value) => {
    const [unit, size] = Object.entries(RATES).findLast(([, bits]) => value >= bits) ?? ['kbit', RATES.kbit]
    return `${exact(value / size)}${unit}`
  }
}

const NATS: readonly Nat[] = ['open', 'restricted', 'symmetric']
const nat: Figure<Nat> = {
  unit: `one of ${NATS.join(', ')}`,
  parse: (text) => NATS.find((each) => each === text),
  format: (value) => value
}

const FIGURES: Readonly<{ [Name in keyof Link]: Figure<Link[Name]> }> = {
  delay: milliseconds,
  jitter: milliseconds,
  loss: share,
  burst: milliseconds,
  reorder: share,
  down: rate,
  up: rate,
  nat
}

export const FIGURE_NAMES = Object.keys(FIGURES) as (keyof Link)[]

export const isFigureName = (name: string): name is keyof Link => Object.hasOwn(FIGURES, name)

/** Throws Error with one clear line if the value cannot be parsed. */
export function parseFigure<Name extends keyof Link>(name: Name, text: string): Link[Name] {
  const value = FIGURES[name].parse(text)
  if (value === undefined) throw new Error(`${name} must be ${FIGURES[name].unit}, not "${text}"`)
  return value
}

export function formatFigure<Name extends keyof Link>(name: Name, value: Link[Name]): string {
  return `${name}=${FIGURES[name].format(value)}`
}

/** Formats a link as text that parses to the same link, without the figures of a perfect one. */
export function formatLink(link: Link): string {
  const names = FIGURE_NAMES.filter((name) => link[name] !== PERFECT[name])
  return names.map((name) => formatFigure(name, link[name])).join(',') || 'delay=0ms'
}
