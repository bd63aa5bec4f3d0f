/** Text layout for a terminal of 100 columns. */
import Table from 'cli-table3'

const WIDTH = 100

const NO_BORDERS = Object.fromEntries(
  ['top', 'bottom', 'left', 'right', 'mid'].flatMap((edge) =>
    ['', '-left', '-mid', '-right'].map((end) => [`${edge}${end}`, ''])
  )
)

/** No borders, a rule under the head. The first column is left-aligned, all others are right-aligned. */
export function table(head: string[], rows: string[][]): string {
  const text = new Table({
    head,
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
    chars: { ...NO_BORDERS, middle: ' ' }
  })
  text.push(...rows)
  const [titles, ...lines] = text.toString().split('\n')
  return [titles!, '─'.repeat(Math.min(WIDTH, titles!.trimEnd().length)), ...lines]
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Wraps a text, whatever its own lines, between words and indents all lines after the first. */
export function wrapWords(text: string, indent = ''): string {
  return wrap(text.split(/(?<=\S)(?:\s*\n\s*| )/), ' ', indent)
}

/** Joins parts into lines no longer than the width, if possible, and indents all lines after the first. */
export function wrap(parts: readonly string[], separator: string, indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    const longer = line === '' ? part : line + separator + part
    if (visibleLength(longer) + separator.trimEnd().length <= WIDTH || line === '') {
      line = longer
    } else {
      lines.push((line + separator).trimEnd())
      line = indent + part
    }
  }
  return [...lines, line].join('\n')
}

type Colour = 'red' | 'green'
export type Paint = (text: string, colour: Colour) => string

export const plain: Paint = (text) => text
export const ansi: Paint = (text, colour) => `\u001b[${colour === 'red' ? 31 : 32}m${text}\u001b[39m`

function visibleLength(text: string): number {
  // eslint-disable-next-line no-control-regex -- colours are control sequences
  return text.replace(/\u001b\[\d+m/g, '').length
}
