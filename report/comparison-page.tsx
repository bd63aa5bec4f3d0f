/** A comparison as one HTML file, without scripts or network requests. */
import type { Comparison } from '../analysis/comparison/comparison'
import type { Gate } from '../analysis/gate/gate'
import { ComparisonBody } from '../pictures/comparison-body'
import { GateChip, GateSection } from '../pictures/gate-section'
import { renderPage } from './page'

export function comparisonPage(comparison: Comparison): string {
  const { id, gate } = comparison
  return renderPage(
    `Comparison ${id}: ${gate.verdict}`,
    <>
      <Heading id={id} gate={gate} />
      <ComparisonBody comparison={comparison} />
    </>
  )
}

/** The page of a comparison whose runs can't be compared: it shows only the attempts. */
export function gatePage(id: string, gate: Gate, why: string): string {
  return renderPage(
    `Comparison ${id}: ${gate.verdict}`,
    <>
      <Heading id={id} gate={gate} />
      <GateSection gate={gate} />
      <p>{why.split('\n')[0]}</p>
    </>
  )
}

function Heading({ id, gate }: { id: string; gate: Gate }) {
  return (
    <h1>
      Comparison {id} <GateChip verdict={gate.verdict} />
    </h1>
  )
}
