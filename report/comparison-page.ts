/** A comparison as one HTML file. */
import {
  CLOCK_ERROR,
  type ComparedRun,
  type Comparison,
  type MetricResult,
  type Side
} from '../analysis/comparison/comparison'
import { describeCores, describeDifference } from '../analysis/comparison/likeness'
import {
  detectableSentence,
  formatEffect,
  formatInterval,
  formatSize,
  meshSentence,
  secondarySentence,
  significantP,
  verdictSentence
} from '../analysis/comparison/sentences'
import { formatMetric, UNKNOWN } from '../analysis/format'
import { marginBounds, noChange, type Verdict } from '../analysis/statistics'
import { chip, html, page, table, type Column, type Content, type Markup } from './html'
import { drawInterval, drawRuns, type RunDot } from './plots'

/** The whole page; it holds no script and asks for nothing from the network. */
export function comparisonPage(comparison: Comparison): string {
  const { id, primary } = comparison
  return page(
    `Comparison ${id}: ${primary.verdict}`,
    html`<h1>Comparison ${id} ${verdictChip(primary.verdict)}</h1>
      ${comparisonBody(comparison)}`
  )
}

/** All of the page below its heading, for other pages to show. */
export function comparisonBody(comparison: Comparison): Markup {
  const results = [comparison.primary, ...comparison.secondary]
  return html`${lead(comparison)}
    <h2>Metrics</h2>
    ${metricsTable(comparison, results)}
    <h2>Runs</h2>
    <div class="plots">${results.map((result) => runFigure(comparison, result))}</div>
    <h2>Validity of each run</h2>
    ${runsTable(comparison)}
    <h2>Where the figures come from</h2>
    ${provenanceTable(comparison)}`
}

export function verdictChip(verdict: Verdict): Markup {
  return chip(
    verdict,
    verdict === 'worse' ? 'bad' : verdict === 'better' || verdict === 'same' ? 'good' : 'plain'
  )
}

function lead(comparison: Comparison): Markup {
  const { madeAt, baseline, candidate, setting, blocks, plannedBlocks, primary, differences } = comparison
  const remarks = [detectableSentence(comparison), secondarySentence(comparison), meshSentence(comparison)]
  const runs =
    blocks === null
      ? `${primary.runs.baseline} against ${primary.runs.candidate} runs, unpaired`
      : `${blocks}${plannedBlocks === null || plannedBlocks === blocks ? '' : ` of ${plannedBlocks}`} blocks`
  return html`<p class="lead">${verdictSentence(comparison)}</p>
    <p class="muted">
      ${new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ')} UTC · ${setting.peers} peers · routine
      ${setting.routine} · ${setting.seconds} s, the first ${setting.warmup} s left out · ${runs}
    </p>
    <p>
      <span class="baseline-text">●</span> baseline <code>${baseline.name}</code><br /><span
        class="candidate-text"
        >●</span
      >
      candidate <code>${candidate.name}</code>
    </p>
    ${remarks.map((remark) => (remark === null ? null : html`<p>${remark}</p> `))}
    ${
      differences.length === 0
        ? null
        : html`<p>
              <strong>Forced: these runs are unlike, and what differs may be the cause of any change.</strong>
            </p>
            <ul>
              ${differences.map((difference) => html`<li>${describeDifference(difference)}</li>`)}
            </ul>`
    }`
}

function metricsTable({ unknown }: Comparison, results: readonly MetricResult[]): Markup {
  const rows = results.map((result, index): Content[] => [
    html`${result.entry.path}${index === 0 ? html` <strong>(primary)</strong>` : null}<br /><span
        class="muted"
        >${result.entry.description}</span
      >`,
    verdictChip(result.verdict),
    formatEffect(result, result.estimate),
    intervalCell(result),
    significantP(result.adjustedP),
    formatSize(result, result.minimumDetectable),
    formatSize(result, result.spreads.anySeed),
    formatSize(result, result.spreads.sameSeed)
  ])
  const columns: Column[] = [
    { title: 'Metric' },
    { title: 'Verdict' },
    { title: 'Change', kind: 'number' },
    { title: 'Interval' },
    { title: 'p', kind: 'number' },
    { title: 'Could see', kind: 'number' },
    { title: 'Spread', kind: 'number' },
    { title: 'One seed', kind: 'number' }
  ]
  const zeros = results.filter(({ zerosReplaced }) => zerosReplaced > 0).map(({ entry }) => entry.path)
  return html`${table('Candidate against baseline', columns, rows)}
    <p class="muted">
      Interval: the big dot is the estimate, the bar its exact interval, the band the margin within which a
      change does not matter, the broken line no change, and each small dot one block. Could see: the smallest
      true change that would have been seen four times in five. Spread: the standard deviation from run to
      run; one seed: what is left of it where both runs share a seed. p of secondary metrics is adjusted by
      Holm's procedure.
    </p>
    ${unknown.length === 0 ? null : html`<p class="muted">Not known in these runs: ${unknown.join(', ')}.</p>`}
    ${zeros.length === 0 ? null : html`<p class="muted">Zeros among the values, so that the size of the change is a convention: ${zeros.join(', ')}.</p>`}`
}

function intervalCell(result: MetricResult): Markup {
  const { metric, estimate, interval, design, values } = result
  const isRatio = metric.scale === 'ratio'
  const effects =
    design === 'paired'
      ? values.candidate.map((value, block) =>
          isRatio ? value / values.baseline[block]! : value - values.baseline[block]!
        )
      : []
  return html`${drawInterval({
      label: `${result.entry.path}: ${formatEffect(result, estimate)}, interval ${formatInterval(result)}`,
      estimate,
      interval,
      noChange: noChange(metric),
      margin: marginBounds(metric),
      effects: effects.filter((effect) => Number.isFinite(effect) && (!isRatio || effect > 0)),
      toAxis: isRatio ? Math.log : (effect) => effect
    })}<span class="muted">${formatInterval(result)}</span>`
}

/** Each run a dot, joined with the other run of its block. */
function runFigure(comparison: Comparison, { entry, verdict }: MetricResult): Markup {
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
      title: `${run.testId}: ${formatMetric(value, entry.unit)}`
    }
  })
  const links = paired
    ? blocks.flatMap((_, column): [number, number][] => {
        const [a, b] = dots.flatMap((dot, index) => (dot.column === column ? [index] : []))
        return a === undefined || b === undefined ? [] : [[a, b]]
      })
    : []
  return html`<figure>
    <h3>${entry.path} ${verdictChip(verdict)}</h3>
    ${drawRuns({
      label: `${entry.path} of each run`,
      columns,
      dots,
      links,
      format: (value) => formatMetric(value, entry.unit)
    })}
    <figcaption>
      ${paired ? 'by block: left baseline, right candidate' : 'each run of both builds'}
    </figcaption>
  </figure>`
}

function runsTable({ runs, primary }: Comparison): Markup {
  const columns: Column[] = [
    { title: 'Test' },
    { title: 'Build' },
    { title: 'Block', kind: 'number' },
    { title: 'Attempt', kind: 'number' },
    { title: 'Seed', kind: 'number' },
    { title: primary.entry.path, kind: 'number' },
    { title: 'Clock error', kind: 'number' },
    { title: 'Validity' },
    { title: 'Compared', kind: 'prose' }
  ]
  return table(
    `${runs.length} runs; void and failed ones are never compared`,
    columns,
    runs.map((run) => runRow(run, primary))
  )
}

function runRow(run: ComparedRun, { entry }: MetricResult): Content[] {
  return [
    html`<code>${run.testId}</code>`,
    run.build,
    run.block === null ? UNKNOWN : run.block + 1,
    run.attempt,
    run.seed ?? UNKNOWN,
    formatMetric(run.values[entry.path] ?? null, entry.unit),
    formatMetric(run.values[CLOCK_ERROR] ?? null, 'ms'),
    chip(run.verdict, run.verdict === 'valid' ? 'good' : 'bad'),
    run.used ? 'yes' : `no: ${run.remark ?? ''}`
  ]
}

function provenanceTable({ baseline, candidate }: Comparison): Markup {
  const [from, to] = [factsOf(baseline), factsOf(candidate)]
  const rows = from.map(([name, value], index): Content[] => {
    const other = to[index]![1]
    return value === other
      ? [name, value, 'the same']
      : [name, html`<strong>${value}</strong>`, html`<strong>${other}</strong>`]
  })
  return table(
    'Provenance of both builds',
    [{ title: '' }, { title: 'Baseline' }, { title: 'Candidate' }],
    rows
  )
}

function factsOf({ provenance }: Side): [string, string][] {
  const { libraries, routines, warmup, runners } = provenance
  const each = (of: (runner: (typeof runners)[number]) => string | undefined) =>
    [...new Set(runners.map((runner) => of(runner) ?? 'unknown'))].join(' + ') || 'unknown'
  return [
    ['Library', libraries.map(({ name, version }) => `${name}@${version}`).join(' + ')],
    ['Integrity', libraries.map(({ integrity }) => integrity ?? 'unknown').join(' + ')],
    ['Library options', libraries.map(({ config }) => JSON.stringify(config ?? {})).join(' + ')],
    ['Routine', routines.join(' + ')],
    ['Warm-up', `${warmup} s`],
    ['Suite', each(({ suiteCommit }) => suiteCommit)],
    ['Browser', each(({ browser }) => browser)],
    ['CPU', each(({ cpuModel }) => cpuModel)],
    ['Cores', each(describeCores)],
    ['System', each(({ os }) => os)],
    ['Node', each(({ node }) => node)],
    ['Lighthouse', each(({ lighthouse: { name, version } }) => `${name ?? 'unnamed'} ${version ?? ''}`)],
    ['Peers per tab', each(({ peersPerTab }) => String(peersPerTab))]
  ]
}
