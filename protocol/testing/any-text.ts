/** Texts for property tests. */
import fc from 'fast-check'

/**
 * Any code point except surrogates. fast-check's own units `binary` and `grapheme` draw the same, but first
 * build a table of all of them, which takes a second of CPU in each process.
 */
const codePoint = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code))

export function anyText(length: { minLength?: number; maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...length, unit: codePoint })
}
