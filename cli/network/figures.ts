/** The figures of a custom line: `delay=40ms,loss=1%,down=10mbit`. */
import { PERFECT, type Link, type Nat } from './link'

interface Figure<Value> {
  unit: string
  parse: (text: string) => Value | undefined
  format: (value: Value) => string
}

/** A figure survives formatting and parsing, although 8.002762 × 1e9 is 8002761999.999999. */
const exact = (value: number) => Number(value.toPrecision(12))

/** A number with one of the units, by size, that `format` chooses from: the last that is not too large. */
const quantity = (
  unit: string,
  units: Readonly<Record<string, number>>,
  [least, most]: readonly [number, number]
): Figure<number> => ({
  unit,
  parse: (text) => {
    const [, digits, name = ''] = /^(\d+(?:\.\d+)?)([a-z%]+)$/i.exec(text) ?? []
    const value = exact(Number(digits) * (units[name.toLowerCase()] ?? NaN))
    return value >= least && value <= most ? value : undefined
  },
  format: (value) => {
    const sizes = Object.entries(units)
    const [name, size] = sizes.findLast(([, each]) => value >= each) ?? sizes.at(-1)!
    return `${exact(value / size)}${name}`
  }
})

const milliseconds = quantity('a time like 40ms or 0.3s, up to 10s', { s: 1000, ms: 1 }, [0, 10_000])
/** No peer library works over a link that loses more. `offline` cuts a peer off completely. */
const share = quantity('a share like 1%, up to 90%', { '%': 0.01 }, [0, 0.9])
const rate = quantity(
  'a rate like 10mbit, 500kbit or 1gbit, from 8kbit to 100gbit',
  { kbit: 1e3, mbit: 1e6, gbit: 1e9 },
  [8e3, 100e9]
)

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
