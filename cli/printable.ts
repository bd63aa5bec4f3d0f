/** Commands to GitHub's runner: at the start of a line, where wrapping may put them, or anywhere. */
const COMMAND = /(?<!\S)(?=::)|(?<=##)(?=\[)/g

/**
 * Text from a file, a server or a build could otherwise change the terminal, reverse a line, or command a CI
 * job. Control characters and text direction marks become "�"; newlines stay if `lines` allows them.
 */
export function printable(text: string, { lines = false } = {}): string {
  return text
    .replace(/[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, (character) =>
      lines && character === '\n' ? character : '\ufffd'
    )
    .replace(COMMAND, '\ufffd')
}

/** The same for all texts of a document, and for the names of its fields. */
export function printableTexts<T>(document: T): T {
  const of = (value: unknown): unknown => {
    if (typeof value === 'string') return printable(value, { lines: true })
    if (Array.isArray(value)) return value.map(of)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [printable(name), of(inner)]))
  }
  return of(document) as T
}
