import assert from 'node:assert/strict'
import { it } from 'node:test'
import { thrownText } from './thrown-text'

const CASES: [what: string, thrown: unknown, text: string][] = [
  ['an error', new TypeError('planted'), 'planted'],
  ['a text', 'the layer is full', 'the layer is full'],
  ['nothing', undefined, 'undefined']
]
for (const [what, thrown, text] of CASES)
  it(`says what was thrown if it is ${what}`, () => assert.equal(thrownText(thrown), text))
