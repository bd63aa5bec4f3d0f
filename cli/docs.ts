/**
 * Writes the tables of options between the markers of docs/: `npx tsx cli/docs.ts`.
 *
 *     <!-- options:all --> … <!-- /options -->
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROUTINES } from '../protocol/names'
import { optionsAt, type SurfaceOption } from './surface'

const DOCS = join(__dirname, '../docs')
const FILES = ['runner.md', 'routines.md']

export function withFreshTables(text: string): string {
  return text.replace(
    /(<!-- options:([a-z]+) -->\n)[^]*?(<!-- \/options -->)/g,
    (_, begin: string, table: string, end: string) => `${begin}\n${tableOf(table)}\n\n${end}`
  )
}

export function staleFiles(): { path: string; fresh: string }[] {
  return FILES.map((file) => join(DOCS, file)).flatMap((path) => {
    const text = readFileSync(path, 'utf8')
    const fresh = withFreshTables(text)
    return fresh === text ? [] : { path, fresh }
  })
}

function tableOf(name: string): string {
  if (name === 'routines')
    return markdownTable([
      ['name', 'what the peer does'],
      ...Object.entries(ROUTINES).map(([routine, what]) => [`\`${routine}\``, what])
    ])
  return markdownTable([['variable, parameter', 'default', 'meaning'], ...optionRows()])
}

/** Where runner and page differ, the runner's default and help stand. */
function optionRows(): string[][] {
  const ofRunner = optionsAt('runner')
  const ofPage = optionsAt('page')
  const pageOnly = ofPage.filter(({ key }) => !ofRunner.some((option) => option.key === key))
  return [...ofRunner, ...pageOnly].map((option) => {
    const parameter = ofPage.find(({ key }) => key === option.key)
    const names = new Set([option, parameter ?? option].map(({ name }) => `\`${name}\``))
    const help = option.see === undefined ? option.help : `[${option.help}](${option.see})`
    return [[...names].join(', '), withoutIt(option), help]
  })
}

function withoutIt({ default: fallback, kind, absent, required }: SurfaceOption): string {
  if (fallback !== undefined) return `\`${kind.format(fallback)}\``
  return required ? 'required' : (absent ?? 'none')
}

/** Formats the table as prettier does. */
function markdownTable(rows: string[][]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = escaped[0]!.map((_, column) => Math.max(...escaped.map((row) => row[column]!.length)))
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const [head, ...body] = escaped
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

if (require.main === module)
  for (const { path, fresh } of staleFiles()) {
    writeFileSync(path, fresh)
    console.log(`Wrote ${path}`)
  }
