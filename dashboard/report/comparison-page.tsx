/** A comparison as one HTML file, without scripts or network requests. */
import type { ComponentChildren } from 'preact'
import type { Comparison } from '../../analysis/comparison/comparison'
import { ComparisonBody, Outcome, type Titled } from '../pictures/comparison-body'
import { VerdictChip } from '../pictures/parts'
import { renderPage } from './page'

export const comparisonPage = (comparison: Comparison) =>
  titled(comparison, <ComparisonBody comparison={comparison} />)

/** The page of a comparison whose runs can't be compared: it shows only the attempts. */
export const gatePage = (unmeasured: Titled & { why: string }) =>
  titled(unmeasured, <Outcome of={unmeasured} why={unmeasured.why.split('\n')[0]} />)

function titled({ id, heading, gate }: Titled, body: ComponentChildren): string {
  return renderPage(
    `${heading.title}: ${gate.verdict}`,
    <main>
      <p class="muted">
        Comparison <code>{id}</code>
      </p>
      <h1>
        {heading.title} <VerdictChip verdict={gate.verdict} />
      </h1>
      {body}
    </main>
  )
}
