/** A comparison as one HTML file, without scripts or network requests. */
import type { Conclusion } from '../../analysis/comparison/comparison'
import { ComparisonBody } from '../pictures/comparison-body'
import { VerdictChip } from '../pictures/parts'
import { renderPage } from './page'

export function comparisonPage(comparison: Conclusion): string {
  const { id, heading, gate } = comparison
  return renderPage(
    `${heading.title}: ${gate.verdict}`,
    <main>
      <p class="muted">
        Comparison <code>{id}</code>
      </p>
      <h1>
        {heading.title} <VerdictChip verdict={gate.verdict} />
      </h1>
      <ComparisonBody comparison={comparison} />
    </main>
  )
}
