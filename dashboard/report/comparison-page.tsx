/** A comparison as one HTML file, without scripts or network requests. */
import type { Comparison } from '../../analysis/comparison/comparison'
import { ComparisonBody, Outcome } from '../pictures/comparison-body'
import { VerdictChip } from '../pictures/parts'
import { renderPage } from './page'

export function comparisonPage(comparison: Comparison): string {
  return renderPage(
    titleOf(comparison),
    <>
      <Title of={comparison} />
      <ComparisonBody comparison={comparison} />
    </>
  )
}

type Titled = Pick<Comparison, 'id' | 'heading' | 'stopped' | 'gate' | 'next'>

/** The page of a comparison whose runs can't be compared: it shows only the attempts. */
export function gatePage(unmeasured: Titled & { why: string }): string {
  return renderPage(
    titleOf(unmeasured),
    <>
      <Title of={unmeasured} />
      <Outcome of={unmeasured} why={unmeasured.why.split('\n')[0]} />
    </>
  )
}

const titleOf = ({ heading, gate }: Titled) => `${heading.title}: ${gate.verdict}`

function Title({ of: { id, heading, gate } }: { of: Titled }) {
  return (
    <>
      <p class="muted">
        Comparison <code>{id}</code>
      </p>
      <h1>
        {heading.title} <VerdictChip verdict={gate.verdict} />
      </h1>
    </>
  )
}
