/** The runs of a comparison: plotted for each metric, and listed with their validity. */
import { CLOCK_ERROR, type Comparison, type MetricResult } from '../../analysis/comparison/comparison'
import { formatMetric, UNKNOWN } from '../../analysis/format'
import { numberColumn, Table, VerdictChip, type Column } from './parts'
import { RunPlot, type RunDot } from './plots'

/** Each run as a dot, connected to the other run of its block. */
export function RunFigure({ comparison, result }: { comparison: Comparison; result: MetricResult }) {
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

export function RunsTable({ comparison: { runs, primary } }: { comparison: Comparison }) {
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
