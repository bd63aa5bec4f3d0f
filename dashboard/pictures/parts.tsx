/** Building blocks of results pages: tables and chips. */
import type { ComponentChild } from 'preact'

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

export const numberColumn = (title: string) => ({ title, kind: 'number' })

/** A table that scrolls on its own if it is wider than the page; on a phone, each row is a list. */
export function Table({ caption, columns, rows }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
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
    </div>
  )
}

export type Judgement = 'good' | 'bad' | 'plain'

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

/** A word that expresses a judgement. */
export function Chip({ word, judgement }: { word: string; judgement: Judgement }) {
  return <span class={`chip ${judgement}`}>{word}</span>
}
