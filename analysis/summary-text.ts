/** A summary as text for a terminal: 100 columns at most. */
import { MESSAGE_KINDS } from '../protocol/names'
import type { Distribution, Reason, Summary } from '../protocol/summary'
import { formatMetric, significant, UNKNOWN } from './format'
import { findMetric, valueAt, type MetricUnit } from './metrics-catalog'
import { ansi, plain, table, wrap, wrapWords, type Paint } from './text'

const LABEL_WIDTH = 12

export interface TextOptions {
  /** ANSI colours, for a terminal. Default false. */
  colour?: boolean
}

/** The summary's tables, thresholds and verdict, ending in a line feed. */
export function summaryText(summary: Summary, { colour = false }: TextOptions = {}): string {
  const paint = colour ? ansi : plain
  const sections = [
    headline(summary),
    messagesTable(summary),
    distributionsTable(summary),
    facts(summary),
    thresholds(summary, paint),
    verdict(summary, paint)
  ]
  return sections.filter((section) => section !== '').join('\n\n') + '\n'
}

function headline({ testId, peers, measured, provenance, startSkew }: Summary): string {
  const libraries = provenance.libraries.map(({ name, version }) => `${name}@${version}`)
  const parts = [
    `Test ${testId}`,
    ...libraries,
    ...provenance.routines.map((routine) => `routine ${routine}`),
    `${peers.reporting}${peers.expected === null ? '' : ` of ${peers.expected}`} peers`,
    `${significant(measured.seconds)} s measured`,
    ...(startSkew === null ? [] : [`start skew ${formatMetric(startSkew, 'ms')}`])
  ]
  return wrap(parts, ' · ', '')
}

function messagesTable(summary: Summary): string {
  if (summary.sent.all === 0 && summary.received.all === 0) return 'No message was counted.'
  const kinds = [...MESSAGE_KINDS, 'all' as const].filter(
    (kind) => kind === 'all' || summary.sent[kind] > 0 || summary.received[kind] > 0
  )
  const rows = kinds.map((kind) => [
    kind,
    ...[summary.sent, summary.expected, summary.received].map((counts) => countText(counts[kind])),
    formatMetric(summary.delivery[kind], 'ratio'),
    countText(summary.duplicates[kind]),
    ...percentiles(summary.latency[kind], 'ms')
  ])
  const head = ['messages', 'sent', 'owed', 'received', 'delivery', 'duplicates', 'p50', 'p95', 'p99', 'max']
  return `${table(head, rows)}\np50 to max: latency of first arrivals. ${clocks(summary)}`
}

function clocks({ latencyClockError }: Summary): string {
  if (latencyClockError === null) return "The clocks' error is not known."
  if (latencyClockError === 0) return 'All peers share one clock.'
  return `The clocks are known to ±${formatMetric(latencyClockError, 'ms')}.`
}

function distributionsTable({ connection, mesh, hops, ticks, clock }: Summary): string {
  const rows: [string, Distribution, MetricUnit][] = [
    ['socket ready after', connection.socket, 'ms'],
    ['joined after', connection.joined, 'ms'],
    ['first connection after', connection.first, 'ms'],
    ['fourth connection after', connection.fourth, 'ms'],
    ['links of a peer', mesh.degree, 'count'],
    ['shortest path, links', mesh.pathLength, 'count'],
    ['relays of a message', hops, 'count'],
    ['recovery after a join', mesh.recovery, 'ms'],
    ['tick lateness', ticks.lateness, 'ms'],
    ['clock error', clock.error, 'ms']
  ]
  const known = rows.filter(([, distribution]) => distribution !== null)
  if (known.length === 0) return ''
  return table(
    ['', 'count', 'p50', 'p95', 'p99', 'max'],
    known.map(([name, distribution, unit]) => [
      name,
      formatMetric(distribution!.count, 'count'),
      ...percentiles(distribution, unit)
    ])
  )
}

/** Beyond a hundred million, in millions, so that the table keeps its width. */
function countText(count: number): string {
  return count >= 1e8 ? `${significant(count / 1e6)} M` : formatMetric(Math.round(count), 'count')
}

/** What is one number each, a line per topic. */
function facts(summary: Summary): string {
  const topics: [string, [string, string][]][] = [
    [
      'mesh',
      [
        ['mesh.components', 'components'],
        ['mesh.componentsMax', 'at most'],
        ['mesh.groups', 'groups'],
        ['mesh.timeToFullMesh', 'whole after'],
        ['mesh.asymmetricLinks', 'asymmetric links'],
        ['mesh.relayShareGini', 'relay inequality']
      ]
    ],
    [
      'wire',
      [
        ['wire.packetsPerMessage', 'packets per message'],
        ['wire.packetsPerPeerSecond', 'packets per peer'],
        ['wire.bytesPerPeerSecond', 'bytes per peer'],
        ['sendErrors', 'send errors']
      ]
    ],
    [
      'library',
      [
        ['library.sent', 'sent'],
        ['library.received', 'received'],
        ['library.relayed', 'relayed'],
        ['library.duplicate', 'duplicate'],
        ['library.expired', 'expired']
      ]
    ],
    [
      'machine',
      [
        ['machine.cpuUsageMax', 'CPU'],
        ['machine.throttledMax', 'throttled'],
        ['machine.cpuMsPerPeerSecond', 'CPU per peer'],
        ['machine.cpuMsPerDelivered', 'CPU per arrival'],
        ['machine.memoryPerPeer', 'memory per peer']
      ]
    ]
  ]
  return topics
    .map(([topic, metrics]) => factLine(summary, topic, metrics))
    .filter((line) => line !== '')
    .join('\n')
}

function factLine(summary: Summary, topic: string, metrics: [string, string][]): string {
  const parts = metrics
    .filter(([path]) => valueAt(summary, path) !== null)
    .map(([path, name]) => `${name} ${formatted(summary, path)}`)
  if (parts.length === 0) return ''
  return wrap([topic.padEnd(LABEL_WIDTH) + parts[0]!, ...parts.slice(1)], ', ', ' '.repeat(LABEL_WIDTH))
}

function formatted(summary: Summary, path: string): string {
  return formatMetric(valueAt(summary, path), findMetric(path)!.unit)
}

function thresholds(summary: Summary, paint: Paint): string {
  if (summary.thresholds.length === 0) return ''
  const lines = summary.thresholds.map(({ expression, metric, value, passed, reason }) => {
    const mark = passed ? paint('passed', 'green') : paint('missed', 'red')
    const found = value === null ? (reason ?? UNKNOWN) : `is ${formatMetric(value, findMetric(metric)!.unit)}`
    return wrapWords(`  ${mark}  ${expression}: ${found}`, ' '.repeat(10))
  })
  return ['Thresholds', ...lines].join('\n')
}

function verdict({ verdict: word, reasons }: Summary, paint: Paint): string {
  if (word === 'valid') return `Verdict: ${paint('valid', 'green')}`
  return [
    `Verdict: ${paint('VOID', 'red')}, do not believe these figures`,
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

function percentiles(distribution: Distribution, unit: MetricUnit): string[] {
  if (!distribution) return [UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
  const { p50, p95, p99, max } = distribution
  return [p50, p95, p99, max].map((value) => formatMetric(value, unit))
}
