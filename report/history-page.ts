/** A history as one HTML file. */
import type { History, MetricHistory } from '../analysis/comparison/history'
import { describeDifference } from '../analysis/comparison/likeness'
import { formatEffect, formatInterval, significantP } from '../analysis/comparison/sentences'
import { formatMetric, significant, UNKNOWN } from '../analysis/format'
import { noChange } from '../analysis/statistics'
import { verdictChip } from './comparison-page'
import { html, page, table, type Column, type Content, type Markup } from './html'
import { drawRuns, type RunDot } from './plots'

/** The whole page; it holds no script and asks for nothing from the network. */
export function historyPage(history: History): string {
  const { id, setting, blocks, metrics, builds, unused, differences } = history
  return page(
    `History ${id}`,
    html`<h1>History ${id}</h1>
      <p class="muted">
        ${new Date(history.madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC · ${setting.peers} peers
        · routine ${setting.routine} · ${setting.seconds} s, the first ${setting.warmup} s left out ·
        ${blocks} blocks · ${setting.browser} · ${setting.cpu}
      </p>
      <p>${stepsSentence(history)}</p>
      ${differences.map((difference) => html`<p><strong>Forced: ${describeDifference(difference)}</strong></p>`)}
      <h2>Against ${builds[0]!}</h2>
      <div class="plots">${metrics.map((metric) => figure(metric, builds))}</div>
      ${metrics.map(
        (metric) =>
          html`<h2>${metric.entry.path}</h2>
            ${metricTable(metric, builds)}`
      )}
      ${
        unused.length === 0
          ? null
          : html`<h2>Runs that are not compared</h2>
              ${table(
                'Void and failed runs',
                [{ title: 'Test' }, { title: 'Build' }, { title: 'Why' }],
                unused.map(({ testId, build, reason }) => [testId, build, reason])
              )}`
      }`
  )
}

/** How many blocks the verdicts of the steps take. */
export function stepsSentence({ blocks, blocksForSteps, builds }: History): string {
  const share = `The ${builds.length - 1} steps of a metric share 5 % of false alarms`
  return blocks >= blocksForSteps
    ? `${share}; all intervals are those of one comparison alone.`
    : `${share}: with ${blocks} blocks none can be called better or worse, which takes ${blocksForSteps}. All intervals are those of one comparison alone.`
}

/** Each block's run against the first build's run of the same block, and the interval. */
function figure({ entry, versions }: MetricHistory, builds: readonly string[]): Markup {
  const known = versions.map(({ sinceFirst }) => sinceFirst)
  const example = known.find((result) => result !== null)
  if (!example)
    return html`<figure>
      <h3>${entry.path}</h3>
      <figcaption>not known</figcaption>
    </figure>`
  const isRatio = example.metric.scale === 'ratio'
  const dots = known.flatMap((result, column): RunDot[] =>
    result === null
      ? []
      : result.values.candidate
          .map((value, block) =>
            isRatio ? value / result.values.baseline[block]! : value - result.values.baseline[block]!
          )
          .filter((effect) => Number.isFinite(effect))
          .map((value, index) => ({
            value,
            column,
            offset: ((index * 0.618) % 1) * 1.6 - 0.8,
            kind: 'candidate',
            title: formatEffect(result, value)
          }))
  )
  const bars = known.flatMap((result, column) =>
    result?.interval
      ? [{ column, low: result.interval.low, middle: result.estimate, high: result.interval.high }]
      : []
  )
  return html`<figure>
    <h3>${entry.path}</h3>
    ${drawRuns({
      label: `${entry.path} of each build against ${builds[0]!}`,
      columns: builds.map(shortName),
      dots,
      links: [],
      bars,
      reference: noChange(example.metric),
      format: (value) => formatEffect(example, value)
    })}
    <figcaption>${entry.description}. Dots: blocks; bars: estimate and exact interval</figcaption>
  </figure>`
}

function metricTable({ entry, versions }: MetricHistory, builds: readonly string[]): Markup {
  const columns: Column[] = [
    { title: 'Build' },
    { title: 'Runs', kind: 'number' },
    { title: 'Median', kind: 'number' },
    { title: 'Against the one before', kind: 'number' },
    { title: 'p', kind: 'number' },
    { title: 'Verdict' },
    { title: 'Against the first', kind: 'number' }
  ]
  const rows = versions.map(({ values, median, step, sinceFirst }, index): Content[] => [
    builds[index]!,
    values.length,
    formatMetric(median, entry.unit),
    step ? `${formatEffect(step, step.estimate)} (${formatInterval(step)})` : UNKNOWN,
    step ? significantP(step.adjustedP) : UNKNOWN,
    step ? verdictChip(step.verdict) : UNKNOWN,
    sinceFirst ? `${formatEffect(sinceFirst, sinceFirst.estimate)} (${formatInterval(sinceFirst)})` : UNKNOWN
  ])
  return table(entry.description, columns, rows)
}

/** The same as Markdown, a table for each metric. */
export function historyMarkdown(history: History): string {
  const { id, setting, blocks, metrics, builds, unused } = history
  const lines = [
    `# History ${id}`,
    '',
    `${new Date(history.madeAt).toISOString().slice(0, 10)}: ${setting.peers} peers, routine ${setting.routine}, ${setting.seconds} s with ${setting.warmup} s of warm-up, ${blocks} blocks in a balanced order, ${setting.browser}, ${setting.cpu}.`,
    stepsSentence(history)
  ]
  for (const { entry, versions } of metrics) {
    lines.push('', `## ${entry.path}`, '', `${entry.description}.`, '')
    lines.push(
      '| build | runs | median | against the one before | verdict | against the first |',
      '| --- | --: | --: | --: | --- | --: |'
    )
    versions.forEach(({ values, median, step, sinceFirst }, index) => {
      const change = (result: typeof step) =>
        result ? `${formatEffect(result, result.estimate)} (${formatInterval(result)})` : UNKNOWN
      lines.push(
        `| ${builds[index]!} | ${values.length} | ${formatMetric(median, entry.unit)} | ${change(step)} | ${step?.verdict ?? UNKNOWN} | ${change(sinceFirst)} |`
      )
    })
  }
  if (unused.length > 0) {
    lines.push('', `## ${significant(unused.length)} runs that are not compared`, '')
    for (const { testId, build, reason } of unused) lines.push(`- ${testId} (${build}): ${reason}`)
  }
  return `${lines.join('\n')}\n`
}

/** A version, without the package's name, so that columns are narrow. */
function shortName(build: string): string {
  return build.replace(/^.*@(?=\d)/, '').slice(0, 16)
}
