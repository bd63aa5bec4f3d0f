import assert from 'node:assert/strict'
import { it } from 'node:test'
import { printable, printableTexts } from './printable'

const CASES: [what: string, text: string, expected: string][] = [
  ['plain text', 'blue-42 Grüße 你好 😀', 'blue-42 Grüße 你好 😀'],
  ['an escape sequence', '\u001b[2Jx', '�[2Jx'],
  ['a C1 control sequence', '\u009b31m', '�31m'],
  ['an end of line', 'a\r\nb', 'a��b'],
  ['text turned around', 'a\u202eb', 'a�b'],
  ['a command to GitHub', '::error::x', '�::error::x'],
  ['one that wrapping may put at the start of a line', 'a ::error::x', 'a �::error::x'],
  ['one in the older form', 'a ##[error]x', 'a ##�[error]x'],
  ['a name of C++', 'std::string a::b', 'std::string a::b']
]
for (const [what, text, expected] of CASES)
  it(`makes ${what} safe to print`, () => assert.equal(printable(text), expected))

it('keeps line breaks where they are allowed', () =>
  assert.equal(printable('a\nb\u0007\n  ::error::x', { lines: true }), 'a\nb�\n  �::error::x'))

it('makes all texts of a document safe to print', () => {
  const document = { 'a\u001b': ['\u009b31m', 1, null, { b: 'c\u202e\nd', e: true }] }
  assert.deepEqual(printableTexts(document), { 'a�': ['�31m', 1, null, { b: 'c�\nd', e: true }] })
})
