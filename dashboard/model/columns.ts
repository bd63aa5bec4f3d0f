/**
 * What the model keeps of data points and samples: one number per time bucket, NaN if a report of that time
 * does not have it. Older clients do not report messages or ticks.
 */
import type { Metrics } from '../../protocol/data-point'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { TimeGrid } from './time-grid'

const COUNTS = ['sent', 'received', 'duplicates'] as const
const PACKETS = ['packetsReceived', 'bytesSent', 'bytesReceived', 'relayed'] as const
/** `presence`: ms for which a peer reported; `links`, `silent`: its open and silent links × those ms. */
const TIMES = ['presence', 'links', 'silent'] as const

const TOTAL_SUMS = [
  ...MESSAGE_KINDS.flatMap((kind) => COUNTS.map((count) => `${count}.${kind}` as const)),
  // Of a test that is watched by its groups: a group owes what it sends to itself alone.
  ...MESSAGE_KINDS.map((kind) => `owed.${kind}` as const),
  ...PACKETS,
  ...TIMES,
  // ms of the bucket covered by reports, of the peer that covers most of it. Wider buckets cover the sum.
  'coverage'
] as const
const TOTAL_MAXIMA = ['latenessP95', 'latenessMax'] as const

/** `coverage`: ms of the bucket covered by its reports; a group has as many times that in `presence`. */
const PEER_SUMS = [...COUNTS, ...PACKETS, ...TIMES, 'coverage'] as const
const PEER_MAXIMA = ['latencyP50', 'latencyP95', 'latenessP95'] as const

function columnsOf<Name extends string>(grid: TimeGrid, sums: readonly Name[], maxima: readonly Name[]) {
  return Object.fromEntries([
    ...sums.map((name) => [name, grid.column('sum')]),
    ...maxima.map((name) => [name, grid.column('max')])
  ]) as Record<Name, Float32Array>
}

export const totalColumns = (grid: TimeGrid) => columnsOf(grid, TOTAL_SUMS, TOTAL_MAXIMA)
export const peerColumns = (grid: TimeGrid) => columnsOf(grid, PEER_SUMS, PEER_MAXIMA)
export type TotalColumns = ReturnType<typeof totalColumns>
export type PeerColumns = ReturnType<typeof peerColumns>

/**
 * The share of a data point's counts that falls into a bucket; `time` is that share in ms. A point of a group
 * adds up `points`.
 */
interface Share {
  bucket: number
  share: number
  time: number
  points: number
}

export function addToTotals(columns: TotalColumns, metrics: Metrics, part: Share): void {
  for (const kind of MESSAGE_KINDS) {
    for (const count of COUNTS) {
      add(columns[`${count}.${kind}`], part.bucket, (metrics.messages?.[kind][count] ?? NaN) * part.share)
    }
  }
  addPackets(columns, metrics, part)
  raise(columns.latenessP95, part.bucket, metrics.ticks?.latenessP95 ?? NaN)
  raise(columns.latenessMax, part.bucket, metrics.ticks?.latenessMax ?? NaN)
}

/** Of a group with so many peers. */
export function addOwed(columns: TotalColumns, { messages }: Metrics, part: Share, peers: number): void {
  for (const kind of MESSAGE_KINDS)
    add(columns[`owed.${kind}`], part.bucket, (messages?.[kind].sent ?? 0) * part.share * (peers - 1))
}

export function addToPeer(columns: PeerColumns, metrics: Metrics, part: Share): void {
  for (const count of COUNTS) {
    let sum = 0
    for (const kind of MESSAGE_KINDS) sum += metrics.messages?.[kind][count] ?? NaN
    add(columns[count], part.bucket, sum * part.share)
  }
  addPackets(columns, metrics, part)
  add(columns.coverage, part.bucket, part.time)
  raise(columns.latenessP95, part.bucket, metrics.ticks?.latenessP95 ?? NaN)
}

/** Prefers packets counted on the wire. Older clients send only the library's own statistics. */
function addPackets(
  columns: Record<(typeof PACKETS)[number] | (typeof TIMES)[number], Float32Array>,
  metrics: Metrics,
  { bucket, share, time, points }: Share
): void {
  const { wire } = metrics
  add(columns.packetsReceived, bucket, (wire?.received ?? metrics.received ?? NaN) * share)
  add(columns.bytesSent, bucket, (wire?.sentBytes ?? metrics.sentBytes ?? NaN) * share)
  add(columns.bytesReceived, bucket, (wire?.receivedBytes ?? metrics.receivedBytes ?? NaN) * share)
  add(columns.relayed, bucket, (metrics.relayed ?? NaN) * share)
  add(columns.presence, bucket, time * points)
  add(columns.links, bucket, (metrics.connections?.open ?? metrics.connectedPeers?.length ?? NaN) * time)
  add(columns.silent, bucket, (metrics.links?.silent ?? 0) * time)
}

export function add(column: Float32Array, bucket: number, value: number): void {
  column[bucket] = column[bucket]! + value
}

export function raise(column: Float32Array, bucket: number, value: number): void {
  column[bucket] = Math.max(column[bucket]!, value)
}
