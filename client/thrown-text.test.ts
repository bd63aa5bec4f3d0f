import assert from 'node:assert/strict'
import { it } from 'node:test'
import { thrownText } from './thrown-text'

const withMessage = (message: unknown) => Object.assign(new Error(), { message })

const CASES: [what: string, thrown: unknown, text: string][] = [
  ['an error', new TypeError('planted'), 'planted'],
  ['a text', 'the layer is full', 'the layer is full'],
  ['nothing', undefined, 'undefined'],
  ['an object with a message', { message: 'layer is full' }, 'layer is full'],
  ['an error whose message is an object', withMessage({ code: 7 }), 'Error: [object Object]'],
  ['an error whose message is undefined', withMessage(undefined), 'Error'],
  ['an object without a text', Object.create(null), 'something without a text was thrown']
]
for (const [what, thrown, text] of CASES)
  it(`says what was thrown if it is ${what}`, () => assert.equal(thrownText(thrown), text))
