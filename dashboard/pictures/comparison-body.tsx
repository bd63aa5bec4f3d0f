/** The body of a comparison's page, below the heading, for the report and the dashboard. */
import {
  CLOCK_ERROR,
  type Comparison,
  type Conclusion,
  type MetricResult,
  type Side
} from '../../analysis/comparison/comparison'
import { remarksOf } from '../../analysis/comparison/heading'
import { describeCores, describeLighthouse } from '../../analysis/comparison/likeness'
import { remarkSentences, resultSentence } from '../../analysis/comparison/sentences'
import { formatMetric, UNKNOWN } from '../../analysis/format'
import { MetricsTable } from './comparison-metrics'
import { GateSection } from './gate-section'
import { numberColumn, Table, VerdictChip, type Column, type Content } from './parts'
import { RunPlot, type RunDot } from './plots'

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
      {remarkSentences(comparison).map((remark) => (
        <p key={remark}>{remark}</p>
      ))}
    </>
  )
}

/** Each run as a dot, connected to the other run of its block. */
function RunFigure({ comparison, result }: { comparison: Comparison; result: MetricResult }) {
  const { entry, verdict } = result
  const format = (value: number) => formatMetric(value, entry.unit)
  const used = comparison.runs.filter((run) => run.used && run.values[entry.path] !== null)
  const blocks = [...new Set(used.map(({ block }) => block))].sort((a, b) => (a ?? 0) - (b ?? 0))
  const paired = comparison.design === 'paired'
  const columns = paired ? blocks.map((block) => String((block ?? 0) + 1)) : ['baseline', 'candidate']
  const dots = used.map((run, index): RunDot => {
    const value = run.values[entry.path]!
    return {
      value,
      kind: run.build,
      column: paired ? blocks.indexOf(run.block) : Number(run.build === 'candidate'),
      offset: paired ? (run.build === 'baseline' ? -1 : 1) : ((index * 0.618) % 1) * 2 - 1,
      title: `${run.testId}: ${format(value)}`
    }
  })
  const pairs = blocks.flatMap((_, column) => {
    const [from, to] = dots.filter((dot) => dot.column === column)
    return from && to ? [[from, to] as const] : []
  })
  return (
    <figure>
      <h3>
        {entry.path} <VerdictChip verdict={verdict} />
      </h3>
      <RunPlot
        label={`${entry.path} of each run`}
        columns={columns}
        dots={dots}
        links={paired ? pairs : []}
        format={format}
      />
      <figcaption>
        {paired ? 'by block: baseline on the left, candidate on the right' : 'each run of both builds'}
      </figcaption>
      <details>
        <summary>Value of each run</summary>
        <Table
          caption={`${entry.path} of each run`}
          columns={[{ title: 'Run' }, { title: 'Build' }, numberColumn('Value')]}
          rows={used.map((run) => [<code>{run.testId}</code>, run.build, format(run.values[entry.path]!)])}
        />
      </details>
    </figure>
  )
}

function RunsTable({ comparison: { runs, primary } }: { comparison: Comparison }) {
  const { path, unit } = primary.entry
  const columns: Column[] = [
    { title: 'Test' },
    { title: 'Build' },
    ...['Block', 'Attempt', 'Seed', path, 'Clock error'].map(numberColumn),
    { title: 'Validity' },
    { title: 'Compared', kind: 'prose' }
  ]
  return (
    <Table
      caption={`${runs.length} runs; void and failed ones are never compared`}
      columns={columns}
      rows={runs.map((run) => [
        <code>{run.testId}</code>,
        run.build,
        run.block === null ? UNKNOWN : run.block + 1,
        run.attempt,
        run.seed ?? UNKNOWN,
        formatMetric(run.values[path] ?? null, unit),
        formatMetric(run.values[CLOCK_ERROR] ?? null, 'ms'),
        <VerdictChip verdict={run.verdict} />,
        run.used ? 'yes' : `no: ${run.remark ?? ''}`
      ])}
    />
  )
}

/** What each build consists of and where it ran. Differences are highlighted. */
export function ProvenanceTable({ comparison: { baseline, candidate } }: { comparison: Comparison }) {
  const [from, to] = [factsOf(baseline), factsOf(candidate)]
  const rows = from.map(([name, value], index): Content[] => {
    const other = to[index]![1]
    if (value === other) return [name, value, value.includes('unknown') ? value : 'the same']
    return [name, <strong>{value}</strong>, <strong>{other}</strong>]
  })
  return (
    <Table
      caption="Provenance of both builds"
      columns={[{ title: '' }, { title: 'Baseline', kind: 'fact' }, { title: 'Candidate', kind: 'fact' }]}
      rows={rows}
    />
  )
}

function factsOf({ provenance }: Side): [string, string][] {
  const { libraries, network, routines, warmup, suiteCommit: simulated, runners } = provenance
  const built = (of: (library: (typeof libraries)[number]) => string | undefined) =>
    libraries.map((library) => of(library) ?? 'unknown').join(' + ') || 'unknown'
  const each = (of: (runner: (typeof runners)[number]) => string | undefined) =>
    [...new Set(runners.map((runner) => of(runner) ?? 'unknown'))].join(' + ') || 'unknown'
  return [
    ['Library', built(({ name, version }) => `${name}@${version}`)],
    ['Integrity', built(({ integrity }) => integrity)],
    ['Library options', built(({ config }) => JSON.stringify(config ?? {}))],
    ['Routine', routines.join(' + ') || 'unknown'],
    ['Network', network ?? each(({ network: own }) => own ?? 'perfect')],
    ['Warm-up', `${warmup} s`],
    ['Suite', simulated ?? each(({ suiteCommit }) => suiteCommit)],
    ['Browser', each(({ browser }) => browser)],
    ['CPU', each(({ cpuModel }) => cpuModel)],
    ['Cores', each(describeCores)],
    ['System', each(({ os }) => os)],
    ['Node', each(({ node }) => node)],
    ['Lighthouse', each(describeLighthouse)],
    ['Peers per tab', each(({ peersPerTab }) => String(peersPerTab))]
  ]
}
