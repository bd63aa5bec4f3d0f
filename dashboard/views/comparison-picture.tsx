/**
 * A comparison as it looks in the compare command's report: the same components, with the report's style
 * sheet isolated in a shadow tree.
 */
import { render } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Comparison } from '../../analysis/comparison/comparison'
import { ComparisonBody } from '../pictures/comparison-body'
import { STYLE } from '../pictures/style'

export function ComparisonPicture({ comparison }: { comparison: Comparison }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const shadow = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: 'open' })
    render(
      <>
        <style>{STYLE}</style>
        <ComparisonBody comparison={comparison} />
      </>,
      shadow
    )
    return () => render(null, shadow)
  }, [comparison])
  return <div class="comparison" ref={host} />
}
