/** Building blocks of the dashboard and of results pages: tables and chips. */
import type { ComponentChild, ComponentChildren } from 'preact'

/** Content of a cell. */
export type Content = ComponentChild

export interface Column {
  title: Content
  /**
   * The CSS class of the cells. Numbers are right-aligned and do not wrap; prose and facts may break
   * anywhere, so that no cell is cut off.
   */
  kind?: string
}

export const numberColumn = (title: string) => ({ title, kind: 'number' })

interface TableProps {
  caption?: string
  /** Names a table without a caption. */
  label?: string
  kind?: string
  columns: readonly Column[]
  /** The first cell of a row is its header. */
  rows: readonly (readonly Content[])[]
  /** Identifies rows that can move. */
  keys?: readonly string[]
}

/** On a phone, each row is a list, whose items the columns' titles name. */
export function Table({ caption, label = caption, kind: tableKind, columns, rows, keys }: TableProps) {
  return (
    <Scroll label={label}>
      <table class={tableKind}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>
            {columns.map(({ title, kind }, index) => (
              <th key={index} scope="col" class={kind}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={keys?.[index] ?? index}>
              {columns.map(({ title, kind }, column) =>
                column === 0 ? (
                  <th key={column} scope="row" class={kind}>
                    {row[column]}
                  </th>
                ) : (
                  <td key={column} data-label={typeof title === 'string' ? title : undefined} class={kind}>
                    {row[column]}
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

/** A table that may be wider than the screen. It scrolls separately, by touch, mouse or keyboard. */
export function Scroll({ label, children }: { label: string | undefined; children: ComponentChildren }) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}

/** A name that shows its definition on click, tap or Enter; a `title` would need a mouse. */
export function Defined({ name, definition }: { name: Content; definition: string | undefined }) {
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
