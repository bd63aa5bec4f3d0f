import { Fragment } from 'preact'
import type { MetricResult } from '../../analysis/comparison/comparison'
import type { History, MetricHistory } from '../../analysis/comparison/history'
import { settingFacts } from '../../analysis/comparison/heading'
import { describeDifference } from '../../analysis/comparison/likeness'
import { formatEffect, formatInterval } from '../../analysis/comparison/sentences'
import { counted, formatMetric, significantP, UNKNOWN, utcTime } from '../../analysis/format'
import { code, table, text } from '../../analysis/formats/markdown'
import { SCALES } from '../../analysis/statistics/metric'
import type { Gate } from '../../analysis/gate/result'
import { gateHeadline } from '../../analysis/gate/headline'
import { gateRemarks, gateSentence } from '../../analysis/gate/sentences'
import { blockEffects } from '../pictures/comparison-metrics'
import { numberColumn, Table, VerdictChip } from '../pictures/parts'
import { RunPlot, type RunDot } from '../pictures/plots'
import { renderPage } from './page'

/** What the page and its Markdown show. Facts are builds or tests. */
interface HistoryTable {
  title: string
  caption: string
  columns: readonly { title: string; kind?: string }[]
  rows: readonly (readonly string[])[]
}

export function historyPage(history: History): string {
  const { id, incomplete, metrics, builds } = history
  return renderPage(
    `History ${id}`,
    <main>
      <h1>History {id}</h1>
      <p class="muted">{factsOf(history)}</p>
      {incomplete !== null && (
        <p>
          <strong>{incomplete}</strong>
        </p>
      )}
      <HistoryTable table={gatesTable(history)} />
      <p>{blocksSentences(history)}</p>
      {forcedOf(history).map((forced) => (
        <p key={forced}>
          <strong>{forced}</strong>
        </p>
      ))}
      <h2>Against {builds[0]}</h2>
      <div class="plots">
        {metrics.map((metric) => (
          <MetricFigure key={metric.entry.path} metric={metric} builds={builds} />
        ))}
      </div>
      {tablesOf(history).map((table) => (
        <Fragment key={table.title}>
          <h2>{table.title}</h2>
          <HistoryTable table={table} />
        </Fragment>
      ))}
    </main>
  )
}

function HistoryTable({ table: { caption, columns, rows } }: { table: HistoryTable }) {
  const shown = (cell: string, index: number) =>
    columns[index]!.kind === VERDICT && cell !== UNKNOWN ? <VerdictChip verdict={cell} /> : cell
  return <Table caption={caption} columns={columns} rows={rows.map((row) => row.map(shown))} />
}

export function historyMarkdown(history: History): string {
  const { id, incomplete } = history
  const tableOf = ({ columns, rows }: HistoryTable) =>
    table(
      columns.map(({ title }) => title.toLowerCase()),
      rows.map((row) =>
        row.map((cell, index) =>
          // Each sentence has its own limit.
          columns[index]!.kind === 'fact' ? code(cell) : cell.split('\n').map(text).join(' ')
        )
      ),
      columns.map(({ kind }) => kind === 'number')
    )
  const parts = [
    `# History ${id}`,
    text(factsOf(history)),
    ...(incomplete === null ? [] : [text(incomplete)]),
    tableOf(gatesTable(history)),
    blocksSentences(history),
    ...forcedOf(history).map(text),
    ...tablesOf(history).flatMap((each) => [`## ${each.title}`, `${each.caption}.`, tableOf(each)])
  ]
  return `${parts.join('\n\n')}\n`
}

function factsOf({ madeAt, setting, blocks }: History): string {
  const { engine, browser, cpu } = setting
  const place = engine === 'simulation' ? ['simulated, in virtual time'] : [browser, cpu]
  return [utcTime(madeAt), ...place, ...settingFacts(setting), counted(blocks, 'block')].join(' · ')
}

const forcedOf = ({ differences }: History) =>
  differences.map((difference) => `Forced: ${describeDifference(difference)}`)

const VERDICT = 'verdict'

/** The release gate of each build against the previous one, and against the first. */
function gatesTable({ builds, gates, gatesSinceFirst }: History): HistoryTable {
  const cellsOf = (gate: Gate | null | undefined) => (gate ? [gate.verdict, whyOf(gate)] : [UNKNOWN, UNKNOWN])
  return {
    title: 'Gates',
    caption: 'Release gate of each build',
    columns: [
      { title: 'Build', kind: 'fact' },
      { title: 'Against the one before', kind: VERDICT },
      { title: 'Why', kind: 'prose' },
      { title: 'Against the first', kind: VERDICT },
      { title: 'Why', kind: 'prose' }
    ],
    rows: builds.flatMap((build, index) => {
      const step = gates[index]
      return step ? [[build, ...cellsOf(step), ...cellsOf(gatesSinceFirst[index])]] : []
    })
  }
}

const whyOf = (gate: Gate) =>
  [`${gateHeadline(gate)}.`, gateSentence(gate), ...gateRemarks(gate)].filter(Boolean).join('\n')

function tablesOf({ metrics, builds, unused }: History): HistoryTable[] {
  const metricTable = ({ entry, versions }: MetricHistory): HistoryTable => ({
    title: entry.path,
    caption: entry.description,
    columns: [
      { title: 'Build', kind: 'fact' },
      ...['Runs', 'Median', 'Against the one before'].map(numberColumn),
      { title: 'Result', kind: VERDICT },
      ...['p', 'Against the first'].map(numberColumn)
    ],
    rows: versions.map(({ values, median, step, sinceFirst }, index) => [
      builds[index]!,
      String(values.length),
      formatMetric(median, entry.unit),
      changeOf(step),
      step?.verdict ?? UNKNOWN,
      step ? significantP(step.adjustedP) : UNKNOWN,
      changeOf(sinceFirst)
    ])
  })
  const left = {
    title: `${counted(unused.length, 'run')} not compared`,
    caption: 'Void and failed runs',
    columns: [
      ...['Test', 'Build'].map((title) => ({ title, kind: 'fact' })),
      { title: 'Why', kind: 'prose' }
    ],
    rows: unused.map(({ testId, build, reason }) => [testId, build, reason])
  }
  return [...metrics.map(metricTable), ...(unused.length > 0 ? [left] : [])]
}

const changeOf = (result: MetricResult | null) =>
  result ? `${formatEffect(result, result.estimate)} (${formatInterval(result)})` : UNKNOWN

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
function MetricFigure({ metric, builds }: { metric: MetricHistory; builds: readonly string[] }) {
  const { entry, versions } = metric
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

/** The version alone; of a long name the end, where options and folders differ. A plot has room for 44. */
function shortName(build: string, most: number): string {
  const name = build.replace(/^.*@(?=\d)/, '')
  return name.length > most ? `…${name.slice(1 - most)}` : name
}
