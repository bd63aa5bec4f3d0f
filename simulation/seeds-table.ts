/** Several simulations next to each other: one row per seed, then the mean over all seeds. */
import { formatMetric } from '../analysis/format'
import { standardDeviation } from '../analysis/statistics/standard-deviation'
import { table } from '../analysis/text'
import type { Summary } from '../protocol/summary'
import type { Outcome } from './simulate'

type Column = [title: string, value: (summary: Summary) => number | null, format: (value: number) => string]

const count = (value: number) => formatMetric(value, 'count')
const COLUMNS: readonly Column[] = [
  ['links', ({ provenance }) => provenance.edges.length, count],
  ['delivery', ({ delivery }) => delivery.all, (value) => formatMetric(value, 'ratio')],
  ['packets', ({ wire }) => wire.packetsReceived, count],
  ['packets/message', ({ wire }) => wire.packetsPerMessage, (value) => value.toFixed(3)],
  ['duplicates', ({ duplicates }) => duplicates.all, count],
  ['hops p95', ({ hops }) => hops?.p95 ?? null, (value) => String(+value.toFixed(2))]
]
/** Below this many seeds, an interval is too wide to help. */
const LEAST_SEEDS = 4

/** Void runs have their rows, but no part in the mean. */
export function seedsTable(outcomes: readonly Pick<Outcome, 'document'>[]): string {
  const head = ['seed', ...COLUMNS.map(([title]) => title), 'validity']
  const rows = outcomes.map(({ document: { seed, summary } }) => [
    String(seed),
    ...COLUMNS.map(([, value, format]) => textOf(value(summary!), format)),
    summary!.verdict
  ])
  const valid = outcomes.map(({ document }) => document.summary!).filter(({ verdict }) => verdict !== 'void')
  const samples = COLUMNS.map(([, value]) => valid.map(value).filter((each) => each !== null))
  const over = (label: string, of: (sample: readonly number[]) => number | null) => [
    label,
    ...COLUMNS.map(([, , format], index) => textOf(of(samples[index]!), format)),
    `${valid.length} valid`
  ]
  return table(head, [
    ...rows,
    over('mean', (sample) => (sample.length > 0 ? mean(sample) : null)),
    over('from (95%)', (sample) => bound(sample, -1)),
    over('to (95%)', (sample) => bound(sample, 1))
  ])
}

const textOf = (value: number | null, format: Column[2]) => (value === null ? '–' : format(value))

const mean = (sample: readonly number[]) => sample.reduce((sum, each) => sum + each, 0) / sample.length

/** An end of Student's interval of the mean. */
function bound(sample: readonly number[], side: -1 | 1): number | null {
  if (sample.length < LEAST_SEEDS) return null
  const error = standardDeviation([sample])! / Math.sqrt(sample.length)
  return mean(sample) + side * tQuantile(sample.length - 1) * error
}

/** The 97.5% quantile, by Fisher's expansion (Abramowitz and Stegun 26.7.5): 0.7% too small for 3 degrees. */
function tQuantile(freedom: number): number {
  const z = 1.959964
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  )
}
