/** The summary's figures. They are exact; the charts are estimates. */
import { capitalised, formatAt } from '../../../analysis/format'
import { findMetric } from '../../../analysis/metrics-catalog'
import {
  areCounted,
  FACTS,
  KINDS,
  knownDistributions,
  knownFacts,
  PERCENTILES,
  shownThreshold
} from '../../../analysis/summary/figures'
import type { Summary } from '../../../protocol/summary'
import { Chip, Defined, Facts, numberColumn, Table } from '../../pictures/parts'

/** Latencies come first, because on a phone the reader has to scroll to the rest. */
const COLUMNS: readonly (readonly [name: string, path: (kind: string) => string])[] = [
  ['Delivery', (kind) => `delivery.${kind}`],
  ...PERCENTILES.map((point) => [point, (kind: string) => `latency.${kind}.${point}`] as const),
  ['Owed p95', (kind) => `latencyOwed.${kind}.p95`],
  ['Owed p99', (kind) => `latencyOwed.${kind}.p99`],
  ['Sent', (kind) => `sent.${kind}`],
  ['Owed', (kind) => `expected.${kind}`],
  ['Received', (kind) => `received.${kind}`],
  ['Duplicates', (kind) => `duplicates.${kind}`]
]

/** Topics whose figures need it to be understood. */
const NAMED_BY_TOPIC: readonly string[] = ['library', 'lighthouse']

export function SummarySection({ summary }: { summary: Summary }) {
  const facts = Object.entries(FACTS).flatMap(([topic, figures]) =>
    knownFacts(summary, figures).map(({ path, name, value }) => {
      const fullName = capitalised(NAMED_BY_TOPIC.includes(topic) ? `${topic}: ${name}` : name)
      return [fullName, value, findMetric(path)!.description] as const
    })
  )
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">Summary</h2>
      {areCounted(summary) && <ByKind summary={summary} />}
      <Distributions summary={summary} />
      <Thresholds summary={summary} />
      <Facts kind="facts wide" facts={facts} />
    </section>
  )
}

function ByKind({ summary }: { summary: Summary }) {
  return (
    <>
      <Table
        label="Summary by kind"
        kind="plain"
        columns={[{ title: 'Messages' }, ...COLUMNS.map(([name]) => numberColumn(name))]}
        rows={KINDS.map((kind) => [kind, ...COLUMNS.map(([, path]) => formatAt(summary, path(kind)))])}
      />
      <p class="hint">
        p50 to max: latency of first arrivals. Owed: from the instant at which a message was due, over all
        messages owed; <em>not reached</em> means that too many never arrived for this percentile to exist.
      </p>
    </>
  )
}

function Thresholds({ summary: { thresholds } }: { summary: Summary }) {
  if (thresholds.length === 0) return null
  return (
    <Table
      caption="Thresholds"
      kind="plain"
      columns={[{ title: 'Threshold' }, { title: 'Result' }, { title: 'Found', kind: 'found' }]}
      rows={thresholds.map((threshold) => {
        const { mark, found } = shownThreshold(threshold)
        const tone = threshold.passed ? 'good' : 'warn'
        return [<code>{threshold.expression}</code>, <Chip tone={tone}>{mark}</Chip>, found]
      })}
    />
  )
}

function Distributions({ summary }: { summary: Summary }) {
  const distributions = knownDistributions(summary)
  if (distributions.length === 0) return null
  return (
    <Table
      label="Distributions"
      kind="plain"
      columns={[{ title: 'Distribution' }, ...['Count', ...PERCENTILES].map(numberColumn)]}
      rows={distributions.map(({ path, name, cells }) => [
        <Defined
          name={capitalised(name)}
          definition={findMetric(`${path}.max`)!.description.split(':')[0]}
        />,
        ...cells
      ])}
    />
  )
}
