/** The data of the charts: one number per time bucket, computed from a model's columns. */
import { BINS } from './latency-bins'
import { MESSAGE_KINDS } from '../../protocol/names'
import { sum } from '../../analysis/distribution'
import type { KINDS } from '../../analysis/summary/figures'
import { outagesIn } from '../../analysis/summary/metrics/outages'
import type { TotalColumns } from './columns'
import type { RunnerRecord, TestModel, Timeline } from './test-model'

/** A part of the time axis, in seconds since the test's start. */
export interface Band {
  from: number
  to: number
  what: 'outage' | 'warm-up'
}

/** Per bucket; null or no finite number leaves a gap. */
export type Values = (bucket: number) => number | null

export type KindChoice = (typeof KINDS)[number]

const kindsOf = (kind: KindChoice) => (kind === 'all' ? MESSAGE_KINDS : [kind])

/** Each line's values in the first `count` buckets, and in `x` their middles, in s since the test's start. */
export function series({ grid }: Timeline, count: number, lines: readonly { value: Values }[]) {
  const buckets = Array.from({ length: count }, (_, bucket) => bucket)
  return {
    x: buckets.map((bucket) => ((bucket + 0.5) * grid.width) / 1000),
    values: lines.map(({ value }) => buckets.map((bucket) => finite(value(bucket))))
  }
}

const finite = (value: number | null) => (Number.isFinite(value) ? value : null)

/** A rate per second of what reports cover of a bucket: not all of it at the test's start and end. */
export const perSecond =
  ({ coverage }: TotalColumns, ...columns: Float32Array[]) =>
  (bucket: number) =>
    (sum(columns.map((column) => column[bucket]!)) / coverage[bucket]!) * 1000

const quotient = (column: Float32Array, by: Float32Array) => (bucket: number) => column[bucket]! / by[bucket]!

/** The mean of what is summed up over peers and ms, such as links; of what peers count, the rate per ms. */
export const perPeer = ({ presence }: Pick<TotalColumns, 'presence'>, column: Float32Array) =>
  quotient(column, presence)

export const peersReporting = ({ presence, coverage }: TotalColumns) => quotient(presence, coverage)

/** The greatest of the reports; unknown where there is none, as after a peer has left. */
export const greatest =
  ({ presence }: Pick<TotalColumns, 'presence'>, column: Float32Array) =>
  (bucket: number) =>
    presence[bucket]! > 0 ? column[bucket]! : null

/**
 * Received ÷ owed in the buckets [first, end); null if nothing is owed. An estimate, to a fraction of a
 * percent: the reports of senders and receivers do not cover the same times. The summary has the exact share.
 */
export function deliveryBetween(totals: TotalColumns, kind: KindChoice, first: number, end: number) {
  let received = 0
  let owed = 0
  for (const each of kindsOf(kind)) {
    for (let bucket = first; bucket < end; bucket++) {
      received += totals[`received.${each}`][bucket]!
      const coverage = totals.coverage[bucket]!
      if (coverage === 0) continue
      owed +=
        totals[`owed.${each}`][bucket]! ||
        totals[`sent.${each}`][bucket]! * (totals.presence[bucket]! / coverage - 1)
    }
  }
  // A receiver's report may count a message before the sender's report does. An excess over 1 is therefore
  // chance.
  return owed > 0 ? Math.min(1, Math.round((received / owed) * 1e5) / 1e5) : null
}

/** Latency counts by bin, of the buckets [first, end). */
export function latencyCounts({ latency }: Timeline, kind: KindChoice, first: number, end: number) {
  const counts = new Float64Array(BINS)
  for (const each of kindsOf(kind)) {
    const bins = latency[each]
    for (let bucket = first; bucket < end; bucket++) {
      for (let bin = 0, at = bucket * BINS; bin < BINS; bin++, at++) counts[bin] = counts[bin]! + bins[at]!
    }
  }
  return counts
}

/** The warm-up, and outages of the test's network, within the time axis. */
export function bandsOf({ state, summary }: TestModel, span: number): Band[] {
  const provenances = [
    ...(summary?.provenance.runners ?? []),
    ...(state?.runners ?? []).map(({ provenance }) => provenance)
  ]
  const outages = (state?.outages ?? outagesIn(provenances)).map(({ from, until = Infinity }) => ({
    from: from / 1000,
    to: Math.min(span, until / 1000),
    what: 'outage' as const
  }))
  const warmup = { from: 0, to: Math.min(span, state?.warmup ?? 0), what: 'warm-up' as const }
  return [warmup, ...outages].filter(({ from, to }) => from < to)
}

/** Share of a runner's cores that was busy, 0 to 1. */
export const cpuOf = ({ columns }: RunnerRecord): Values =>
  columns === undefined ? () => null : quotient(columns.cpu, columns.coverage)
