/** Building blocks of the dashboard and of results pages: tables and chips. */
import type { ComponentChild, ComponentChildren } from 'preact'

export type Content = ComponentChild

export interface Column {
  title: Content
  /** The cells' CSS class. Numbers do not wrap; prose and facts break anywhere, so nothing is cut off. */
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

/**
 * On a phone, each row is a list, whose items the columns' titles name. A table that is wider than the screen
 * scrolls by itself, by touch, mouse or keyboard.
 */
export function Table({ caption, label = caption, kind: tableKind, columns, rows, keys }: TableProps) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
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
              <th scope="row" class={columns[0]!.kind}>
                {row[0]}
              </th>
              {columns.slice(1).map(({ title, kind }, column) => (
                <td key={column} data-label={typeof title === 'string' ? title : undefined} class={kind}>
                  {row[column + 1]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Shows its definition on click, tap or Enter; a `title` would need a mouse. */
export function Defined({ name, definition }: { name: Content; definition: string | undefined }) {
  if (definition === undefined) return <>{name}</>
  return (
    <details class="defined">
      <summary>{name}</summary>
      <p>{definition}</p>
    </details>
  )
}

type Fact = readonly [name: string, value: ComponentChildren, definition?: string]

export function Facts({ kind, facts }: { kind: string; facts: readonly Fact[] }) {
  return (
    <dl class={kind}>
      {facts.map(([name, value, definition]) => (
        <div key={name}>
          <dt>
            <Defined name={name} definition={definition} />
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
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

export function VerdictChip({ verdict }: { verdict: string }) {
  return <Chip tone={TONES[verdict]}>{verdict}</Chip>
}
