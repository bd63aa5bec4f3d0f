/** InfluxQL queries and their datasource. docs/influxdb.md lists the measurements and fields. */
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'

/** The uid in grafana/provisioning/datasources/influxdb.yaml. */
export const DATASOURCE = { type: 'influxdb', uid: 'peer-performance' }

/** The SDK has no type for InfluxDB queries. These are the fields that Grafana's own editor writes. */
export interface InfluxQuery {
  refId: string
  datasource: typeof DATASOURCE
  query: string
  rawQuery: true
  resultFormat: 'time_series' | 'table'
  alias?: string
}

/** One line per column, or per value of the tag that groups it: `alias` may contain $col and $tag_peer. */
export const lines = (query: string, alias = '$col') =>
  ({ query, alias, resultFormat: 'time_series' }) as const

/** The rows, unchanged. */
export const table = (query: string) => ({ query, resultFormat: 'table' }) as const

export type Target = ReturnType<typeof lines> | ReturnType<typeof table>

/** The n-th query of a panel: A, B, C … */
export function targetBuilder(target: Target, index: number): Builder<Dataquery> {
  return asBuilder({
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    rawQuery: true,
    ...target
  })
}

export function asBuilder(query: InfluxQuery): Builder<Dataquery> {
  // The SDK marks queries by a method, which the JSON does not contain.
  return { build: () => query as unknown as Dataquery }
}

export const KINDS = ['position', 'profile', 'chat'] as const

/** `expression` for the fields of each message kind, one column each. */
export const ofEachKind = (expression: (kind: string) => string) =>
  KINDS.map((kind) => `${expression(kind)} AS "${kind}"`).join(', ')

/** The sum of a field over an interval, per second. */
export const perSecond = (field: string) => `sum("${field}") * 1000 / $__interval_ms`

interface Selection {
  from: 'peer_metrics' | 'runner_metrics'
  where: string
}

/** A time series. Intervals without data stay empty. */
export const overTime = (columns: string, { from, where }: Selection, by = '') =>
  `SELECT ${columns} FROM "${from}" WHERE ${where} AND $timeFilter GROUP BY time($__interval)${by && `, ${by}`} fill(none)`

/** One row for the whole time range, or one per value of a tag. */
export const overall = (columns: string, { from, where }: Selection, by = '') =>
  `SELECT ${columns} FROM "${from}" WHERE ${where} AND $timeFilter${by && ` GROUP BY ${by}`}`

/**
 * Delivery of a kind, from the sums over all peers: arrivals ÷ messages owed. Each message is owed to every
 * reporting peer except its sender. This is an estimate; the summary counts exactly.
 */
export function delivery({ from, where }: Selection, window: string, by = ''): string {
  const sums = KINDS.flatMap((kind) =>
    ['sent', 'received'].map((what) => `sum("${kind}_${what}") AS "${kind}_${what}"`)
  ).join(', ')
  const group = [window, by].filter(Boolean).join(', ')
  const perPeer = `SELECT ${sums} FROM "${from}" WHERE ${where} AND $timeFilter GROUP BY ${[group, '"peer"'].filter(Boolean).join(', ')}`
  const shares = ofEachKind(
    (kind) => `sum("${kind}_received") / (sum("${kind}_sent") * (count("${kind}_sent") - 1))`
  )
  return `SELECT ${shares} FROM (${perPeer}) WHERE $timeFilter${group && ` GROUP BY ${group}`}${window && ' fill(none)'}`
}
