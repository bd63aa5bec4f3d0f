/** Of a page, or of a shadow tree in another page: the dashboard's colours (tokens.css). */
export const STYLE = `
:root, :host { color-scheme: light dark; --background: #f6f7f8; --surface: #fff; --text: #16202a; --muted: #56626f; --line: #d7dde3;
  --baseline: #0072b2; --candidate: #c25700; --band: #d9e8f4; --good: #00704f; --bad: #b3261e;
  font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums;
  color: var(--text); background: var(--background) }
@media (prefers-color-scheme: dark) { :root, :host { --background: #0f151b; --surface: #171f27; --text: #e6ebf0; --muted: #9caab8;
  --line: #33404c; --baseline: #56b4e9; --candidate: #f0a04b; --band: #22384b; --good: #4fd1a5; --bad: #ff8a80 } }
* { box-sizing: border-box }
h2 { font-size: 1.15rem; margin: 36px 0 10px; overflow-wrap: anywhere }
h3 { font-size: 1rem; margin: 0 }
p { margin: 6px 0; max-width: 75ch; overflow-wrap: anywhere }
.lead { font-size: 1.1rem }
.muted { color: var(--muted) }
.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 10px }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding: 10px 14px 4px; color: var(--muted) }
th, td { padding: 6px 9px; text-align: left; border-top: 1px solid var(--line); vertical-align: middle; font-weight: 400 }
thead th { color: var(--muted); border-top: 0; white-space: nowrap }
.number { text-align: right; white-space: nowrap }
.prose { overflow-wrap: anywhere; min-width: 14em }
.fact { overflow-wrap: anywhere; min-width: 9em }
.chip { display: inline-block; padding: 0 10px; border-radius: 999px; border: 1px solid var(--line); white-space: nowrap }
.chip.good { color: var(--good); border-color: var(--good) }
.chip.bad { color: var(--bad); border-color: var(--bad) }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px }
figure { break-inside: avoid; margin: 0; padding: 12px 14px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px }
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
.baseline-text { color: var(--baseline); forced-color-adjust: none }
.candidate-text { color: var(--candidate); forced-color-adjust: none }
.effect { fill: var(--candidate); fill-opacity: .6 }
summary { cursor: pointer }
.scroll:focus-visible, summary:focus-visible { outline: 2px solid var(--baseline) }
.defined summary { list-style: none; width: fit-content; text-decoration: underline dotted; text-underline-offset: 3px }
.defined summary::-webkit-details-marker { display: none }
.defined p { max-width: 40ch; white-space: normal }
figure details { margin-top: 8px }
figure details .scroll { margin-top: 6px; max-height: 260px }
figure details code { min-width: 0 }
code { overflow-wrap: anywhere }
th code { display: inline-block; min-width: 12em }
@media print, (max-width: 700px) {
  .scroll { overflow-x: visible }
  table, caption, tbody, tr, td, tr > th[scope=row] { display: block }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { break-inside: avoid; border-top: 1px solid var(--line); padding: 6px 0 }
  th, td { border-top: 0; padding: 2px 12px }
  td { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 12px; text-align: right }
  td::before { content: attr(data-label); color: var(--muted); margin-right: auto; flex: none }
  td:empty { display: none }
}
`
