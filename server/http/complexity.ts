/** Refuses bodies that would take long to parse or check, before anything is parsed. */
import { Refusal } from '../../cli/refusal'

/** The deepest body of the contract, a library's options among final results, has 11 levels. */
const DEEPEST = 16

const code = (character: string) => character.charCodeAt(0)
const [QUOTE, BACKSLASH, COMMA] = [code('"'), code('\\'), code(',')]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [code('['), code(']'), code('{'), code('}')]

/** Parsing and checking take time by values, which commas separate, and depth. Throws Refusal 400 or 413. */
export function refuseComplexity(bytes: Uint8Array, limit: number): void {
  let values = 1
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) at = endOfString(bytes, at)
    else if (byte === COMMA) values++
    else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (++depth > DEEPEST)
        throw new Refusal(400, 'bad-body', `The body is nested more than ${DEEPEST} levels deep`)
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) depth--
    if (values > limit)
      throw new Refusal(413, 'body-too-complex', `The body has more than ${limit} values: send less at once`)
  }
}

function endOfString(bytes: Uint8Array, begin: number): number {
  let at = begin + 1
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
  return at
}
