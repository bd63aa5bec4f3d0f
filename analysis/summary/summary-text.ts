/** Formats a test's results as text for a terminal, at most 100 columns wide. */
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument } from '../../protocol/results-document'
import type { Reason, Summary } from '../../protocol/summary'
import { LEAST_COUNTS, ratio, sum } from '../distribution'
import { counted, formatAt, formatMetric, significant } from '../format'
import { groupBy } from '../../protocol/group-by'
import {
  buildName,
  FACTS,
  isSimulated,
  KINDS,
  knownDistributions,
  knownFacts,
  libraryNames,
  measuredTime,
  networksOf,
  PERCENTILES,
  shownThreshold
} from './figures'
import { ansi, plain, table, wrap, wrapWords, type Paint } from '../text'

const LABEL_WIDTH = 12
const SIMULATED = 'machine     simulated: no CPU, memory or clocks; latency is that of the links alone'

/** Tables, thresholds and validity, ending with a newline. `colour` adds ANSI colours for a terminal. */
export function summaryText(summary: Summary, { colour = false } = {}): string {
  const paint = colour ? ansi : plain
  const sections = [
    headline(summary),
    messagesTable(summary),
    owedTable(summary),
    distributionsTable(summary),
    facts(summary),
    firstError(summary),
    thresholds(summary, paint),
    validity(summary, paint)
  ]
  return sections.filter((section) => section !== '').join('\n\n') + '\n'
}

function headline(summary: Summary): string {
  const { testId, provenance } = summary
  const parts = [
    `Test ${testId}`,
    ...libraryNames(summary),
    ...provenance.routines.map((routine) => `routine ${routine}`),
    ...networksOf(summary).map((network) => `network ${network}`),
    peersOf(summary),
    `${measuredTime(summary)} measured`
  ]
  return wrap(parts, ' · ', '')
}

/** With churn, more peers take part than are there at once. */
function peersOf({ peers: { expected, reporting, peerSeconds }, measured: { seconds } }: Summary): string {
  if (expected === null || expected === reporting) return counted(reporting, 'peer')
  if (reporting < expected) return `${reporting} of ${expected} peers`
  if (peerSeconds > expected * seconds) return `${reporting} peers, ${expected} expected`
  return `${expected} peers at a time, ${reporting} in all`
}

function messagesTable(summary: Summary): string {
  if (summary.sent.all === 0 && summary.received.all === 0) return 'No message was counted.'
  const kinds = KINDS.filter((kind) => kind === 'all' || summary.sent[kind] > 0 || summary.received[kind] > 0)
  const rows = kinds.map((kind) => [
    kind,
    ...[summary.sent, summary.expected, summary.received].map((counts) => countText(counts[kind])),
    formatMetric(summary.delivery[kind], 'ratio'),
    countText(summary.duplicates[kind]),
    ...PERCENTILES.map((point) => formatAt(summary, `latency.${kind}.${point}`))
  ])
  const head = ['messages', 'sent', 'owed', 'received', 'delivery', 'duplicates', ...PERCENTILES]
  return `${table(head, rows)}\np50 to max: latency of first arrivals. ${clocks(summary)}${leastCounts(summary)}`
}

/** Shown only if a kind of message has too few messages for a percentile. */
function leastCounts({ latency }: Summary): string {
  const counts = Object.values(latency).flatMap((each) => each?.count ?? [])
  if (counts.every((count) => count >= LEAST_COUNTS.p99)) return ''
  return `\ntoo few: p95 needs ${LEAST_COUNTS.p95} messages, p99 ${LEAST_COUNTS.p99}.`
}

/** Measured from the times at which the routines owed the messages, over all messages owed. */
function owedTable(summary: Summary): string {
  const kinds = KINDS.filter((kind) => summary.latencyOwed[kind] !== null)
  if (kinds.length === 0) return ''
  const rows = kinds.map((kind) => [
    kind,
    ...['count', 'never', ...PERCENTILES].map((point) => formatAt(summary, `latencyOwed.${kind}.${point}`))
  ])
  const isReached = kinds.every((kind) => summary.latencyOwed[kind]!.max !== null)
  const notReached = isReached
    ? ''
    : '\nnot reached: so many messages never arrived that this figure does not exist.'
  return `${table(['owed messages', 'owed', 'never came', ...PERCENTILES], rows)}\np50 to max: latency from the instant at which a message was due.${notReached}`
}

function clocks({ latencyClockError, provenance }: Summary): string {
  if (provenance.engine === 'simulation') return 'Simulated: links alone, no CPU time.'
  if (latencyClockError === null) return "The clocks' error is not known."
  if (latencyClockError === 0) return 'All peers share one clock.'
  return `The clocks are known to ±${formatMetric(latencyClockError, 'ms')}.`
}

function distributionsTable(summary: Summary): string {
  const rows = knownDistributions(summary).map(({ name, cells }) => [name, ...cells])
  return rows.length === 0 ? '' : table(['', 'count', ...PERCENTILES], rows)
}

/** Counts of a hundred million or more are shown in millions, to keep the table's width. */
function countText(count: number): string {
  return count >= 1e8 ? `${significant(count / 1e6)} M` : formatMetric(Math.round(count), 'count')
}

function facts(summary: Summary): string {
  return Object.entries(FACTS)
    .map(([topic, figures]) =>
      topic === 'machine' && isSimulated(summary) ? SIMULATED : factLine(topic, knownFacts(summary, figures))
    )
    .filter((line) => line !== '')
    .join('\n')
}

function firstError({ errors: { first } }: Summary): string {
  return first === null ? '' : wrapWords(`The first uncaught error: ${first}`, '  ')
}

function factLine(topic: string, figures: ReturnType<typeof knownFacts>): string {
  const parts = figures.map(({ name, value }) => `${name} ${value}`)
  if (parts.length === 0) return ''
  return wrap([topic.padEnd(LABEL_WIDTH) + parts[0]!, ...parts.slice(1)], ', ', ' '.repeat(LABEL_WIDTH))
}

function thresholds(summary: Summary, paint: Paint): string {
  if (summary.thresholds.length === 0) return ''
  const lines = summary.thresholds.map((threshold) => {
    const { mark, found } = shownThreshold(threshold)
    const value = threshold.value === null ? found : `is ${found}`
    return wrapWords(
      `  ${paint(mark.padEnd(6), threshold.passed ? 'green' : 'red')}  ${threshold.expression}: ${value}`,
      ' '.repeat(10)
    )
  })
  return ['Thresholds', ...lines].join('\n')
}

function validity(summary: Summary, paint: Paint): string {
  const { verdict: word, reasons } = summary
  if (word === 'valid' && isSimulated(summary))
    return `Validity: ${paint('valid', 'green')} (simulated: rules about machines and clocks do not apply)`
  if (word === 'valid') {
    const unknown =
      summary.machine.cpuUsageMax === null ? ' (by the ticks of pages: not every CPU was measured)' : ''
    return `Validity: ${paint('valid', 'green')}${unknown}`
  }
  return [
    `Validity: ${paint('VOID', 'red')}, do not trust these figures`,
    ...reasons.map((reason, index) => reasonText(reason, reasons[index - 1]))
  ].join('\n')
}

function reasonText({ rule, what, why, advice }: Reason, previous: Reason | undefined): string {
  const indent = '    '
  return [
    wrapWords(`  [${rule}] ${what}`, indent),
    wrapWords(`${indent}Why it matters: ${why}`, indent),
    wrapWords(`${indent}What to try: ${advice === previous?.advice ? 'as above.' : advice}`, indent)
  ].join('\n')
}

/**
 * For a mesh of several builds, what the peers of each sent and heard; undefined if all run the same. The
 * build of the first peer comes first, as in `--library`.
 */
export function buildsTable({ peerResults }: Pick<ResultsDocument, 'peerResults'>): string | undefined {
  const inOrder = Object.values(peerResults).sort((one, other) => one.number - other.number)
  const builds = groupBy(inOrder, ({ library }) => buildName(library))
  if (builds.size < 2) return undefined
  const head = [
    'build',
    'peers',
    'received per peer',
    'duplicates',
    'packets in per peer',
    'packets out per peer',
    'uncaught errors'
  ]
  const rows = [...builds].map(([build, peers]) => {
    const total = (value: (each: PeerResults) => number) => sum(peers.map(value))
    const perPeer = (count: number) => formatMetric(count / peers.length, 'count')
    const received = total(({ heard }) => arrivals(heard, 'first'))
    const copies = total(({ heard }) => arrivals(heard, 'copies'))
    return [
      build,
      String(peers.length),
      perPeer(received),
      formatMetric(ratio(copies, received), 'ratio'),
      perPeer(total(({ wire }) => wire.received)),
      perPeer(total(({ wire }) => wire.sent)),
      String(total(({ page }) => page?.uncaught.count ?? 0))
    ]
  })
  return table(head, rows)
}

/** Of all kinds: `heard` holds pairs of counts, first arrivals and copies. */
function arrivals(heard: PeerResults['heard'], which: 'first' | 'copies'): number {
  const counts = Object.values(heard).flat()
  return sum(counts.filter((_, index) => (which === 'first') === (index % 2 === 0)))
}
