/**
 * What the model keeps of data points: one number per bucket, NaN if a report of its time lacks it. Older
 * clients report no messages or ticks.
 */
import type { Metrics } from '../../protocol/data-point'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { TimeGrid } from './time-grid'

const COUNTS = ['sent', 'received', 'duplicates'] as const
const PACKETS = ['packetsReceived', 'bytesSent', 'bytesReceived', 'relayed'] as const
/**
 * `presence`: ms for which peers reported; `links`, `silent`: their open and silent links × those ms;
 * `coverage`: ms of the bucket that reports cover, in the totals those of the peer that covers most of it.
 */
const TIMES = ['presence', 'links', 'silent', 'coverage'] as const

const TOTAL_SUMS = [
  ...MESSAGE_KINDS.flatMap((kind) => COUNTS.map((count) => `${count}.${kind}` as const)),
  // Of a test that is watched by its groups: a group owes what it sends to itself alone.
  ...MESSAGE_KINDS.map((kind) => `owed.${kind}` as const),
  ...PACKETS,
  ...TIMES
] as const
const TOTAL_MAXIMA = ['latenessP95', 'latenessMax'] as const

const PEER_SUMS = [...COUNTS, ...PACKETS, ...TIMES] as const
const PEER_MAXIMA = ['latencyP50', 'latencyP95', 'latenessP95'] as const

function columnsOf<Name extends string>(grid: TimeGrid, sums: readonly Name[], maxima: readonly Name[]) {
  return Object.fromEntries([
    ...sums.map((name) => [name, grid.column()]),
    ...maxima.map((name) => [name, grid.column('max')])
  ]) as Record<Name, Float32Array>
}

export const totalColumns = (grid: TimeGrid) => columnsOf(grid, TOTAL_SUMS, TOTAL_MAXIMA)
export const peerColumns = (grid: TimeGrid) => columnsOf(grid, PEER_SUMS, PEER_MAXIMA)
export type TotalColumns = ReturnType<typeof totalColumns>
export type PeerColumns = ReturnType<typeof peerColumns>
type Common = Pick<TotalColumns, keyof TotalColumns & keyof PeerColumns>

/** The part of a data point that falls into a bucket: a share of its counts, and a time (ms). */
interface Share {
  bucket: number
  share: number
  time: number
  /** How many the server added up, for a group of so many peers. */
  points: number
  peers: number
}

export function addToTotals(columns: TotalColumns, metrics: Metrics, part: Share): void {
  const { bucket, share, peers } = part
  for (const kind of MESSAGE_KINDS) {
    const counts = metrics.messages?.[kind]
    for (const count of COUNTS) add(columns[`${count}.${kind}`], bucket, (counts?.[count] ?? NaN) * share)
    if (peers > 1) add(columns[`owed.${kind}`], bucket, (counts?.sent ?? 0) * share * (peers - 1))
  }
  addCommon(columns, metrics, part)
  raise(columns.latenessMax, bucket, metrics.ticks?.latenessMax ?? NaN)
}

export function addToPeer(columns: PeerColumns, metrics: Metrics, part: Share): void {
  for (const count of COUNTS) {
    let sum = 0
    for (const kind of MESSAGE_KINDS) sum += metrics.messages?.[kind][count] ?? NaN
    add(columns[count], part.bucket, sum * part.share)
  }
  addCommon(columns, metrics, part)
  add(columns.coverage, part.bucket, part.time)
}

/** Prefers packets counted on the wire. Older clients send only the library's own statistics. */
function addCommon(columns: Common, metrics: Metrics, { bucket, share, time, points }: Share): void {
  const { wire } = metrics
  add(columns.packetsReceived, bucket, (wire?.received ?? metrics.received ?? NaN) * share)
  add(columns.bytesSent, bucket, (wire?.sentBytes ?? metrics.sentBytes ?? NaN) * share)
  add(columns.bytesReceived, bucket, (wire?.receivedBytes ?? metrics.receivedBytes ?? NaN) * share)
  add(columns.relayed, bucket, (metrics.relayed ?? NaN) * share)
  add(columns.presence, bucket, time * points)
  add(columns.links, bucket, (metrics.connections?.open ?? metrics.connectedPeers?.length ?? NaN) * time)
  add(columns.silent, bucket, (metrics.links?.silent ?? 0) * time)
  raise(columns.latenessP95, bucket, metrics.ticks?.latenessP95 ?? NaN)
}

export function add(column: Float32Array, bucket: number, value: number): void {
  column[bucket] = column[bucket]! + value
}

export function raise(column: Float32Array, bucket: number, value: number): void {
  column[bucket] = Math.max(column[bucket]!, value)
}
