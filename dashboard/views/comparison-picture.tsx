/** A comparison as the compare command's report shows it: the same markup, with its style for itself in a shadow tree. */
import { useEffect, useRef } from 'preact/hooks'
import type { Comparison } from '../../analysis/comparison/comparison'
import { comparisonBody } from '../../report/comparison-page'
import { html, Markup, STYLE } from '../../report/html'

export function ComparisonPicture({ comparison }: { comparison: Comparison }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const shadow = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' })
    // Whatever comes from summaries was escaped by the template.
    shadow.innerHTML = html`<style>
        ${new Markup(STYLE)}
      </style>
      ${comparisonBody(comparison)}`.text
  }, [comparison])
  return <div class="comparison" ref={host} />
}
