/** Checks network input by the contract. A refusal names the field at fault, in a caller's words. */
import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { Refusal } from '../../cli/refusal'
import { API, type Route, type RouteName } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { nearest } from '../../protocol/nearest'
import type { Body } from '../store/live-test'
import { refuseComplexity } from './complexity'
import { QUICK_CHECKS } from './quick-check'

/** Parses and checks a body, in the server's thread or in the body worker. Throws Refusal 400 or 413. */
export function checkBody(name: RouteName, bytes: Buffer): Body<unknown> {
  const { body, bodyValues }: Route = API[name]
  refuseComplexity(bytes, bodyValues ?? LIMITS.bodyValues)
  const parsed = parseJson(bytes)
  const isRight = QUICK_CHECKS.get(body!)?.(parsed) ?? false
  // A newline would split the journal line.
  if (isRight && !bytes.includes(10)) return { value: parsed, raw: bytes }
  const value = isRight ? parsed : check(body!, parsed, 'body')
  return { value, raw: JSON.stringify(value) }
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new Refusal(400, 'bad-json', 'The body is not UTF-8')
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new Refusal(400, 'bad-json', `The body is not JSON: ${(error as Error).message}`)
  }
}

/** Throws Refusal 400. `where` names the checked input, e.g. "query". */
export function check<T extends z.ZodType>(schema: T, value: unknown, where: string): z.output<T> {
  const result = schema.safeParse(value, { error: inPlainWords })
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  // [3, 'messages', 'position', 'sent'] → "[3].messages.position.sent"; undefined: the whole
  const field = z.core.toDotPath(issue.path) || undefined
  throw new Refusal(400, `bad-${where}`, `${field ?? `The ${where}`}: ${issue.message}`, field)
}

const NOUNS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  tuple: 'a list',
  nan: 'text'
}

/** Messages that the contract's schemas bring along come first. */
const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? `missing: must be ${noun(issue.expected)}` : mistaken(issue)
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`
    case 'too_small':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`
    case 'too_big':
      return `must ${bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownField(key, issue.inst)).join('; ')
    default:
      return undefined
  }
}

const noun = (type: string) => NOUNS[type] ?? type

function mistaken({ expected, input }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  const type = noun(z.core.util.parsedType(input))
  // Of the right type, but a fraction or infinite.
  const isOtherNumber = type === NOUNS.number && (expected === 'int' || expected === 'number')
  return `must be ${noun(expected)}, not ${isOtherNumber ? String(input) : type}`
}

function bound(origin: string, which: string, limit: number | bigint): string {
  if (origin === 'string') return `have ${which} ${limit} characters`
  return origin === 'array' ? `have ${which} ${limit} entries` : `be ${which} ${limit}`
}

function unknownField(key: string, schema: unknown): string {
  const [similar] = schema instanceof z.ZodObject ? nearest(key, Object.keys(schema.shape)) : []
  return `unknown field "${key}"${similar === undefined ? '' : `: did you mean "${similar}"?`}`
}
