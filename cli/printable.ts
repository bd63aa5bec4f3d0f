/**
 * Makes text from elsewhere safe to print: a file or server could otherwise send escape sequences that change
 * the terminal or reverse a line. Control characters and text direction marks become "�"; newlines stay if
 * `lines` allows them.
 */
export function printable(text: string, { lines = false } = {}): string {
  return text.replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) =>
    lines && character === '\n' ? character : '\ufffd'
  )
}
