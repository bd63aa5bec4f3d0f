/** Parses a body and checks it against the contract. Runs in the server's thread, and in the body worker. */
import { API, type Route, type RouteName } from '../../protocol/api'
import { LIMITS } from '../../protocol/limits'
import { Refusal } from '../../options/refusal'
import type { Body } from '../store/live-test'
import { refuseComplexity } from './complexity'
import { QUICK_CHECKS } from './quick-check'
import { check } from './validation'

/** Throws Refusal 400 or 413. */
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
  try {
    return JSON.parse(bytes.toString())
  } catch (error) {
    throw new Refusal(400, 'bad-json', `The body is not JSON: ${(error as Error).message}`)
  }
}
