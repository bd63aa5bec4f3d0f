/** The body of a comparison's page, below the heading, for the report and the dashboard. */
import type { Comparison, Conclusion } from '../../analysis/comparison/comparison'
import { remarksOf } from '../../analysis/comparison/heading'
import {
  arrangementSentence,
  detectableSentence,
  meshSentence,
  secondarySentence,
  resultSentence
} from '../../analysis/comparison/sentences'
import { MetricsTable } from './comparison-metrics'
import { ProvenanceTable } from './comparison-provenance'
import { RunFigure, RunsTable } from './comparison-runs'
import { GateSection } from './gate-section'

/** If its runs can't be compared, only the attempts are shown. */
export function ComparisonBody({ comparison }: { comparison: Conclusion }) {
  if ('why' in comparison) return <Outcome of={comparison} />
  const results = [comparison.primary, ...comparison.secondary]
  return (
    <>
      <Outcome of={comparison} />
      <Setting comparison={comparison} />
      <h2>Metrics, for exploring</h2>
      <MetricsTable comparison={comparison} />
      <h2>Runs</h2>
      <div class="plots">
        {results.map((result) => (
          <RunFigure key={result.entry.path} comparison={comparison} result={result} />
        ))}
      </div>
      <h2>Validity of each run</h2>
      <RunsTable comparison={comparison} />
      <h2>Provenance</h2>
      <ProvenanceTable comparison={comparison} />
    </>
  )
}

/** The verdict, and what a reader needs for it. */
function Outcome({ of }: { of: Conclusion }) {
  const { heading, stopped, gate, next } = of
  return (
    <>
      <HeadingFacts heading={heading} stopped={stopped} />
      <GateSection gate={gate} />
      {'why' in of && <p>{of.why.split('\n')[0]}</p>}
      {next !== null && (
        <p>
          Next, to decide it: <code>{next}</code>
        </p>
      )}
    </>
  )
}

/** Where, when and under which conditions, and what a reader must know first. */
export function HeadingFacts({ heading, stopped }: Pick<Comparison, 'heading' | 'stopped'>) {
  return (
    <>
      <p class="muted">{heading.facts}</p>
      {remarksOf(heading, stopped).map((note) => (
        <p key={note}>
          <strong>{note}</strong>
        </p>
      ))}
    </>
  )
}

function Setting({ comparison }: { comparison: Comparison }) {
  const { baseline, candidate, blocks, plannedBlocks, primary } = comparison
  const remarks = [arrangementSentence, detectableSentence, secondarySentence, meshSentence]
    .map((sentence) => sentence(comparison))
    .filter((remark) => remark !== null)
  const runs =
    blocks === null
      ? `${primary.runs.baseline} against ${primary.runs.candidate} runs, unpaired`
      : `${blocks}${plannedBlocks === null || plannedBlocks === blocks ? '' : ` of ${plannedBlocks}`} blocks`
  return (
    <>
      <h2>Setting</h2>
      <p class="muted">{runs}</p>
      <p>
        <span class="baseline-text">●</span> baseline <code>{baseline.name}</code>
        <br />
        <span class="candidate-text">●</span> candidate <code>{candidate.name}</code>
      </p>
      <p>Primary metric: {resultSentence(comparison)}</p>
      {remarks.map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
    </>
  )
}
