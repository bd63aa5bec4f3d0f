import assert from 'node:assert/strict'
import { it } from 'node:test'
import { printable } from './printable'

const CASES: [what: string, text: string, expected: string][] = [
  ['plain text', 'blue-42 Grüße 你好 😀', 'blue-42 Grüße 你好 😀'],
  ['an escape sequence', '\u001b[2Jx', '�[2Jx'],
  ['a C1 control sequence', '\u009b31m', '�31m'],
  ['an end of line', 'a\r\nb', 'a��b'],
  ['text turned around', 'a\u202eb', 'a�b']
]
for (const [what, text, expected] of CASES)
  it(`makes ${what} safe to print`, () => {
    assert.equal(printable(text), expected)
  })

it('keeps line breaks where they are allowed', () => {
  assert.equal(printable('a\nb\u0007', { lines: true }), 'a\nb�')
})
