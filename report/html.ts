/** Pages that are one file, without script or network: what a comparison or a history is written to. */

/** Text that is already markup. All else is escaped by {@link html}. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Content = Markup | string | number | null | readonly Content[]

/** A template whose values are escaped, unless they are markup themselves; null is nothing. */
export function html(literals: TemplateStringsArray, ...values: Content[]): Markup {
  return new Markup(
    literals.map((literal, index) => literal + (index < values.length ? render(values[index]!) : '')).join('')
  )
}

function render(content: Content): string {
  if (content === null) return ''
  if (content instanceof Markup) return content.text
  if (typeof content === 'object') return content.map(render).join('')
  return escape(String(content))
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A whole page, following the reader's light or dark theme. */
export function page(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
        />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${new Markup(STYLE)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.text
}

export interface Column {
  title: string
  /** Numbers stand to the right, on one line; prose may break anywhere. Also the cells' class. */
  kind?: 'number' | 'prose'
}

/** A table that scrolls by itself where it is wider than the page. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Content[])[]
): Markup {
  const cell = (content: Content, index: number) =>
    index === 0 ? html`<th scope="row">${content}</th>` : html`<td${classOf(columns[index])}>${content}</td>`
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" ${classOf(column)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `
        )}
      </tbody>
    </table>
  </div>`
}

function classOf(column: Column | undefined): Markup | null {
  return column?.kind === undefined ? null : new Markup(` class="${column.kind}"`)
}

/** A word that carries a judgement. */
export function chip(word: string, judgement: 'good' | 'bad' | 'plain'): Markup {
  return html`<span class="chip ${judgement}">${word}</span>`
}

/** Of a page, or of a shadow tree in another. The dashboard's colours, told apart by any eye (after Okabe and Ito). */
export const STYLE = `
:root, :host { color-scheme: light dark; --background: #f6f7f8; --surface: #fff; --text: #16202a; --muted: #56626f; --line: #d7dde3;
  --baseline: #0072b2; --candidate: #c25700; --band: #d9e8f4; --good: #00704f; --bad: #b3261e;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; font-variant-numeric: tabular-nums;
  color: var(--text); background: var(--background) }
@media (prefers-color-scheme: dark) { :root, :host { --background: #0f151b; --surface: #171f27; --text: #e6ebf0; --muted: #9caab8;
  --line: #33404c; --baseline: #56b4e9; --candidate: #f0a04b; --band: #22384b; --good: #4fd1a5; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0 }
main { max-width: 1240px; margin: 0 auto; padding: 24px 20px 64px }
h1 { font-size: 1.5rem; margin: 0 0 4px }
h2 { font-size: 1.15rem; margin: 36px 0 10px }
h3 { font-size: 1rem; margin: 0 }
p { margin: 6px 0; max-width: 75ch }
.lead { font-size: 1.1rem }
.muted { color: var(--muted) }
.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 10px }
.scroll:focus-visible { outline: 2px solid var(--baseline) }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding: 10px 14px 4px; color: var(--muted) }
th, td { padding: 6px 12px; text-align: left; border-top: 1px solid var(--line); vertical-align: middle; font-weight: 400 }
thead th { color: var(--muted); border-top: 0; white-space: nowrap }
.number { text-align: right; white-space: nowrap }
.prose { overflow-wrap: anywhere; min-width: 14em }
.chip { display: inline-block; padding: 0 10px; border-radius: 999px; border: 1px solid var(--line); white-space: nowrap }
.chip.good { color: var(--good); border-color: var(--good) }
.chip.bad { color: var(--bad); border-color: var(--bad) }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px }
figure { margin: 0; padding: 12px 14px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px }
figcaption { color: var(--muted); font-size: .9rem }
svg { display: block; width: 100%; height: auto }
svg text { fill: var(--muted); font-size: 12px }
.axis { stroke: var(--line) }
.zero { stroke: var(--muted); stroke-dasharray: 3 3 }
.band { fill: var(--band) }
.interval { stroke: var(--text); stroke-width: 2; fill: none }
.estimate { fill: var(--text) }
.pair { stroke: var(--muted); stroke-opacity: .5 }
.baseline { fill: var(--baseline) }
.candidate { fill: var(--candidate) }
.baseline-text { color: var(--baseline) }
.candidate-text { color: var(--candidate) }
.effect { fill: var(--candidate); fill-opacity: .6 }
code { overflow-wrap: anywhere }
th code { display: inline-block; min-width: 12em }
`
