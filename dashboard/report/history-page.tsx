import { Fragment } from 'preact'
import type { MetricResult } from '../../analysis/comparison/comparison'
import type { History, MetricHistory } from '../../analysis/comparison/history'
import { describeDifference } from '../../analysis/comparison/likeness'
import { formatEffect, formatInterval } from '../../analysis/comparison/sentences'
import { counted, formatMetric, significantP, UNKNOWN, utcTime } from '../../analysis/format'
import { code, table, text } from '../../analysis/formats/markdown'
import { SCALES } from '../../analysis/statistics/metric'
import type { Gate } from '../../analysis/gate/result'
import { gateHeadline } from '../../analysis/gate/headline'
import { gateRemarks, gateSentence } from '../../analysis/gate/sentences'
import { blockEffects } from '../pictures/comparison-metrics'
import { numberColumn, Table, VerdictChip, type Column, type Content } from '../pictures/parts'
import { RunPlot, type RunDot } from '../pictures/plots'
import { renderPage } from './page'

export function historyPage(history: History): string {
  const { id, setting, blocks, incomplete, metrics, builds, unused, differences } = history
  return renderPage(
    `History ${id}`,
    <main>
      <h1>History {id}</h1>
      <p class="muted">
        {utcTime(history.madeAt)} · {placeOf(history).join(' · ')} · {setting.peers} peers · routine{' '}
        {setting.routine} · {setting.seconds} s, the first {setting.warmup} s excluded ·{' '}
        {counted(blocks, 'block')}
      </p>
      {incomplete !== null && (
        <p>
          <strong>{incomplete}</strong>
        </p>
      )}
      <GatesTable history={history} />
      <p>{blocksSentences(history)}</p>
      {differences.map((difference) => (
        <p key={difference.fact}>
          <strong>Forced: {describeDifference(difference)}</strong>
        </p>
      ))}
      <h2>Against {builds[0]}</h2>
      <div class="plots">
        {metrics.map((metric) => (
          <MetricFigure key={metric.entry.path} metric={metric} builds={builds} />
        ))}
      </div>
      {metrics.map((metric) => (
        <Fragment key={metric.entry.path}>
          <h2>{metric.entry.path}</h2>
          <MetricTable metric={metric} builds={builds} />
        </Fragment>
      ))}
      {unused.length > 0 && (
        <>
          <h2>Runs not compared</h2>
          <Table
            caption="Void and failed runs"
            columns={['Test', 'Build', 'Why'].map((title) => ({ title, kind: 'fact' }))}
            rows={unused.map(({ testId, build, reason }) => [testId, build, reason])}
          />
        </>
      )}
    </main>
  )
}

const placeOf = ({ setting: { engine, browser, cpu } }: History) =>
  engine === 'simulation' ? ['simulated, in virtual time'] : [browser, cpu]

function GatesTable({ history }: { history: History }) {
  const columns: Column[] = [
    { title: 'Build', kind: 'fact' },
    { title: 'Against the one before' },
    { title: 'Why', kind: 'prose' },
    { title: 'Against the first' },
    { title: 'Why', kind: 'prose' }
  ]
  const rows = gateRows(history).map(([build, step, why, whole, whyWhole]): Content[] => [
    build,
    <VerdictChip verdict={step} />,
    why,
    whole === UNKNOWN ? UNKNOWN : <VerdictChip verdict={whole} />,
    whyWhole
  ])
  return <Table caption="Release gate of each build" columns={columns} rows={rows} />
}

type GateRow = [build: string, step: string, why: string, whole: string, whyWhole: string]

/** The release gate of each build against the previous one, and against the first. */
function gateRows({ builds, gates, gatesSinceFirst }: History): GateRow[] {
  return builds.flatMap((build, index): GateRow[] => {
    const [step, whole] = [gates[index], gatesSinceFirst[index]]
    if (!step) return []
    return [[build, step.verdict, whyOf(step), whole?.verdict ?? UNKNOWN, whole ? whyOf(whole) : UNKNOWN]]
  })
}

const whyOf = (gate: Gate) =>
  [`${gateHeadline(gate)}.`, gateSentence(gate), ...gateRemarks(gate)].filter(Boolean).join('\n')

interface MetricProps {
  metric: MetricHistory
  builds: readonly string[]
}

/** Number of blocks needed for the gates to call a build worse, and to judge the steps. */
function blocksSentences(history: History): string {
  const { blocks, blocksForGates, blocksForSteps, builds, metrics } = history
  const gates =
    blocks >= blocksForGates
      ? ''
      : `All gates share 5% of false alarms: from ${blocksForGates} blocks on each can call a build worse, and there are ${blocks}. `
  const steps = builds.length - 1
  const share = `All ${steps * metrics.length} steps (${steps} of each of ${metrics.length} metrics) share 5% of false alarms`
  const missing =
    blocks >= blocksForSteps
      ? ''
      : `: it takes ${blocksForSteps} blocks to call any of them better or worse, and there are ${blocks}`
  const zeros = metrics.filter(({ versions }) =>
    versions.some(({ sinceFirst }) => (sinceFirst?.zerosReplaced ?? 0) > 0)
  )
  const convention = zeros.map(
    ({ entry }) => ` ${entry.path} is zero in some runs, so the size of its change is a convention.`
  )
  return `${gates}${share}${missing}. Intervals are those of one comparison alone.${convention.join('')}`
}

/** Each block's run relative to the first build's run in the same block, and the interval. */
function MetricFigure({ metric: { entry, versions }, builds }: MetricProps) {
  const known = versions.flatMap(({ sinceFirst: result }, column) => (result ? [{ result, column }] : []))
  const example = known[0]?.result
  const dots = known.flatMap(({ result, column }) =>
    blockEffects(result).map((value, index): RunDot => ({
      value,
      column,
      offset: ((index * 0.618) % 1) * 1.6 - 0.8,
      kind: 'candidate',
      title: formatEffect(result, value)
    }))
  )
  const bars = known.flatMap(({ result: { interval, estimate }, column }) =>
    interval ? [{ column, low: interval.low, middle: estimate, high: interval.high }] : []
  )
  // The names of more than seven would overlap.
  const every = Math.ceil(builds.length / 7)
  return (
    <figure>
      <h3>{entry.path}</h3>
      {example && (
        <RunPlot
          label={`${entry.path} of each build against ${builds[0]!}`}
          columns={builds.map((build, index) =>
            index % every > 0 ? '' : shortName(build, (44 * every) / builds.length)
          )}
          dots={dots}
          bars={bars}
          reference={SCALES[example.metric.scale].noChange}
          format={(value) => formatEffect(example, value)}
        />
      )}
      <figcaption>
        {example ? `${entry.description}. Dots: blocks; bars: estimate and exact interval` : 'not known'}
      </figcaption>
    </figure>
  )
}

function MetricTable({ metric: { entry, versions }, builds }: MetricProps) {
  const columns: Column[] = [
    { title: 'Build', kind: 'fact' },
    ...['Runs', 'Median', 'Against the one before', 'p'].map(numberColumn),
    { title: 'Result' },
    numberColumn('Against the first')
  ]
  const rows = versions.map(({ values, median, step, sinceFirst }, index): Content[] => [
    builds[index]!,
    values.length,
    formatMetric(median, entry.unit),
    changeOf(step),
    step ? significantP(step.adjustedP) : UNKNOWN,
    step ? <VerdictChip verdict={step.verdict} /> : UNKNOWN,
    changeOf(sinceFirst)
  ])
  return <Table caption={entry.description} columns={columns} rows={rows} />
}

const changeOf = (result: MetricResult | null) =>
  result ? `${formatEffect(result, result.estimate)} (${formatInterval(result)})` : UNKNOWN

export function historyMarkdown(history: History): string {
  const { id, setting, blocks, incomplete, metrics, builds, unused, differences } = history
  const lines = [
    `# History ${id}`,
    '',
    `${new Date(history.madeAt).toISOString().slice(0, 10)}: ${placeOf(history).join(', ')}, ${setting.peers} peers, routine ${setting.routine}, ${setting.seconds} s with ${setting.warmup} s of warm-up, ${counted(blocks, 'block')} in a balanced order.`,
    ...(incomplete === null ? [] : ['', text(incomplete)]),
    '',
    table(
      ['build', 'against the one before', 'why', 'against the first', 'why'],
      gateRows(history).map(([build, ...cells]) => [
        code(build),
        // Each sentence has its own limit.
        ...cells.map((cell) => cell.split('\n').map(text).join(' '))
      ])
    ),
    '',
    blocksSentences(history),
    ...differences.flatMap((difference) => ['', text(`Forced: ${describeDifference(difference)}`)])
  ]
  for (const { entry, versions } of metrics) {
    lines.push('', `## ${entry.path}`, '', `${entry.description}.`, '')
    lines.push(
      '| build | runs | median | against the one before | result | against the first |',
      '| --- | --: | --: | --: | --- | --: |'
    )
    for (const [index, { values, median, step, sinceFirst }] of versions.entries())
      lines.push(
        `| ${code(builds[index]!)} | ${values.length} | ${formatMetric(median, entry.unit)} | ${changeOf(step)} | ${step?.verdict ?? UNKNOWN} | ${changeOf(sinceFirst)} |`
      )
  }
  if (unused.length > 0) {
    lines.push('', `## ${counted(unused.length, 'run')} not compared`, '')
    for (const { testId, build, reason } of unused)
      lines.push(`- ${text(testId)} (${code(build)}): ${text(reason)}`)
  }
  return `${lines.join('\n')}\n`
}

/** The version alone; of a long name the end, where options and folders differ. A plot has room for 44. */
function shortName(build: string, most: number): string {
  const name = build.replace(/^.*@(?=\d)/, '')
  return name.length > most ? `…${name.slice(1 - most)}` : name
}
