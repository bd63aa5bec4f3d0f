/**
 * The kinds of option values: each parses text to a checked value and formats it back. Uses neither zod nor
 * Node, because the page needs it, too.
 */
import { parseNetwork } from './network/parse'
import { attempt } from '../protocol/attempt'
import { ID_PATTERN, LIMITS } from '../protocol/limits'
import { ROUTINES, type RoutineName } from '../protocol/names'

export interface Kind<T> {
  /** The placeholder of the value in `--help`: `<number>`. */
  placeholder: string
  /** Throws an Error whose message completes "NAME …", such as "must be a whole number from 1 to 500". */
  parse(text: string): T
  /** Text that `parse` turns back into the value. */
  format(value: T): string
}

const kind = <T>(
  placeholder: string,
  parse: (text: string) => T,
  format: (value: T) => string = String
): Kind<T> => ({ placeholder, parse, format })

const numeric = (form: RegExp, what: string, from: number, to: number, why = '') =>
  kind('number', (text) => {
    if (!form.test(text) || Number(text) < from || Number(text) > to)
      throw new Error(`must be a ${what} from ${from} to ${to}${why && ` (${why})`}`)
    return Number(text)
  })

export const whole = (from: number, to: number) => numeric(/^\d+$/, 'whole number', from, to)
export const number = (from: number, to: number, why?: string) =>
  numeric(/^\d+(\.\d+)?$/, 'number', from, to, why)
export const seconds = (...range: Parameters<typeof number>) => ({
  ...number(...range),
  placeholder: 'seconds'
})

export const oneOf = <const T extends string>(values: readonly T[]) =>
  kind(values.join('|'), (text) => {
    const value = values.find((each) => each === text)
    if (value === undefined) throw new Error(`must be ${values.join(' or ')}`)
    return value
  })

/** Kept exactly as written, unless `check` throws. */
const asWritten = (placeholder: string, check: (value: string) => void) =>
  kind(placeholder, (value) => {
    check(value)
    return value
  })

export const text = asWritten('text', ({ length }) => {
  if (length > LIMITS.textLength) throw new Error(`must have at most ${LIMITS.textLength} characters`)
})

export const id = asWritten('id', (value) => {
  if (!ID_PATTERN.test(value)) throw new Error('must be 1 to 64 letters, digits, "_" or "-"')
})

/** Peers refuse each other unless their Lighthouse addresses are the identical text. */
export const httpUrl = asWritten('url', (value) => {
  if (!URL.canParse(value) || !/^https?:\/\/[^/\s]/i.test(value))
    throw new Error('must be an address such as http://HOST:PORT')
})

/** The servers' paths are appended to it. */
export const serverUrl = { ...httpUrl, parse: (text: string) => httpUrl.parse(text).replace(/\/+$/, '') }

export const wholes = (from: number, to: number): Kind<readonly number[]> =>
  kind('numbers', (text) => text.split(',').map((each) => whole(from, to).parse(each)))

const json = <T>(what: string, isRight: (value: unknown) => value is T) =>
  kind(
    'json',
    (text) => {
      const value = attempt((): unknown => JSON.parse(text))
      if (value === undefined) throw new Error('must be JSON')
      if (!isRight(value)) throw new Error(`must be a JSON ${what}`)
      return value
    },
    (value) => JSON.stringify(value)
  )

export const object = json('object such as {"maxConnections":5}', isObject)

export const iceServers = json(
  'array of objects such as [{"urls":"stun:stun.example.org"}]',
  (value): value is readonly object[] => Array.isArray(value) && value.every(isIceServer)
)

export interface Mixture {
  /** As the user wrote it. */
  text: string
  parts: { name: RoutineName; weight: number }[]
}

const MAX_WEIGHT = 10_000

/** Parses `stand`, or a mixture such as `loops:8,churn:2`. Throws like `Kind.parse`. */
export function parseMixture(text: string): Mixture {
  const parts = text.split(',').map((part) => {
    const [, name, weight = '1'] = /^([^:]+)(?::(\d+))?$/.exec(part) ?? []
    if (name === undefined || Number(weight) < 1 || Number(weight) > MAX_WEIGHT)
      throw new Error('must be a routine, or several with weights such as loops:8,churn:2')
    if (!Object.hasOwn(ROUTINES, name)) throw new Error(`must be one of ${Object.keys(ROUTINES).join(', ')}`)
    return { name: name as RoutineName, weight: Number(weight) }
  })
  return { text, parts }
}

export const mixture = asWritten('name', parseMixture)

export const network = asWritten('lines', (value) => {
  try {
    parseNetwork(value)
  } catch (error) {
    throw new Error(`must be a network such as 4g or home:6,4g:2 (${(error as Error).message})`)
  }
})

const isIceServer = (value: unknown) =>
  isObject(value) && /^((stun|turn)s?:[^,]+(,(?!$)|$))+$/i.test(String(value.urls))

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
