/** Building blocks of the dashboard and of results pages: tables and chips. */
import type { ComponentChild, ComponentChildren } from 'preact'

/** Content of a cell. */
export type Content = ComponentChild

export interface Column {
  title: string
  /**
   * Numbers are right-aligned and do not wrap; prose and facts may break anywhere, so that no cell is cut
   * off. Also the CSS class of the cells.
   */
  kind?: 'number' | 'prose' | 'fact'
}

interface TableProps {
  caption: string
  columns: readonly Column[]
  /** The first cell of a row is its header. */
  rows: readonly (readonly Content[])[]
}

/** A table's header row. `kind` is the CSS class of each cell. */
export function Head({ columns }: { columns: readonly { title: Content; kind?: string }[] }) {
  return (
    <thead>
      <tr>
        {columns.map(({ title, kind }, index) => (
          <th key={index} scope="col" class={kind}>
            {title}
          </th>
        ))}
      </tr>
    </thead>
  )
}

export const numberColumn = (title: string) => ({ title, kind: 'number' as const })

/** A table that may be wider than the screen. It scrolls separately, by touch, mouse or keyboard. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}

/** On a phone, each row is a list. */
export function Table({ caption, columns, rows }: TableProps) {
  return (
    <Scroll label={caption}>
      <table>
        <caption>{caption}</caption>
        <Head columns={columns} />
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {row.map((content, column) =>
                column === 0 ? (
                  <th key={column} scope="row">
                    {content}
                  </th>
                ) : (
                  <td key={column} class={columns[column]?.kind} data-title={columns[column]?.title}>
                    {content}
                  </td>
                )
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

interface DefinedProps {
  name: ComponentChild
  /** If undefined, the name stands alone. */
  definition: string | undefined
}

/** A name that shows its definition on click, tap or Enter; a `title` would need a mouse. */
export function Defined({ name, definition }: DefinedProps) {
  if (definition === undefined) return <>{name}</>
  return (
    <details class="defined">
      <summary>{name}</summary>
      <p>{definition}</p>
    </details>
  )
}

/** A small label: its words carry the meaning, its colour only repeats it. */
export function Chip({ tone, children }: { tone?: string; children: ComponentChildren }) {
  return <span class={`chip ${tone ?? ''}`}>{children}</span>
}

const TONES: Record<string, 'good' | 'bad'> = {
  pass: 'good',
  holds: 'good',
  better: 'good',
  same: 'good',
  valid: 'good',
  worse: 'bad',
  void: 'bad',
  failed: 'bad'
}

/** The verdict on a build, a criterion, a metric or a run. */
export function VerdictChip({ verdict }: { verdict: string }) {
  return <Chip tone={TONES[verdict]}>{verdict}</Chip>
}
