/**
 * The lines of a journal: JSON objects whose first key names the kind, so that a reader skips kinds without parsing them.
 * Bodies stand in them as they came from the network: validated, but never encoded again.
 */
import type { BatchPoint, DataPoint, SinglePoint } from '../../protocol/metrics'
import type { PeerResults } from '../../protocol/peer-results'
import type { StoredSample } from '../../protocol/results-document'
import type { RunnerSample } from '../../protocol/runner-sample'
import type { TestState } from '../../protocol/test'
import type { Topology } from '../../protocol/topology'

/** What a test is created with; it does not change. */
export type TestSettings = Pick<
  TestState,
  'id' | 'createdAt' | 'expectedPeers' | 'duration' | 'warmup' | 'seed' | 'labels' | 'thresholds'
>

/** `at`: when it was received, by the server's clock. */
export type JournalRecord =
  | { created: TestSettings; at: number }
  | { started: { startedAt: number; startsAt: number }; at: number }
  | { ready: string; at: number }
  | { point: SinglePoint; peerId: string; sequence: number; at: number }
  | { points: BatchPoint[]; at: number }
  | { results: PeerResults; peerId: string; at: number }
  | { topology: Topology; at: number }
  | { runner: RunnerSample; runnerId: string; firstPeerNumber: number; at: number }
  | { finished: true; at: number }

type KeysOf<T> = T extends unknown ? keyof T : never
export type RecordKind = Exclude<
  KeysOf<JournalRecord>,
  'at' | 'peerId' | 'runnerId' | 'sequence' | 'firstPeerNumber'
>

/** A body as JSON text: as it came where that is possible, because encoding 20 points takes longer than all the rest. */
export type RawJson = Buffer | string

/** One line. `fields` follow the body. */
export function encodeRecord(
  kind: RecordKind,
  body: RawJson,
  fields: Record<string, string | number>
): Buffer {
  const tail = JSON.stringify(fields).slice(1)
  const head = `{"${kind}":`
  return typeof body === 'string'
    ? Buffer.from(`${head}${body},${tail}\n`)
    : Buffer.concat([Buffer.from(head), body, Buffer.from(`,${tail}\n`)])
}

export function kindOf(line: Buffer): RecordKind {
  return line.toString('latin1', 2, line.indexOf(34, 2)) as RecordKind
}

/** Throws SyntaxError where the line is torn. */
export function parseRecord(line: Buffer): JournalRecord {
  return JSON.parse(line.toString()) as JournalRecord
}

/** Points of one batch follow each other by a microsecond: no two points of a test share a timestamp. */
const STEP_MS = 0.001

/** How long after its `at` the clock of a test's records must stand for the next record. */
export const spanOf = (points: number) => points * STEP_MS

/** The data points of a record, as the results document holds them. */
export function dataPointsOf(record: JournalRecord): DataPoint[] {
  if ('points' in record) {
    return record.points.map(({ peerId, sequence, ...metrics }, index) => ({
      peerId,
      sequence,
      timestamp: Math.round(record.at * 1000 + index) / 1000,
      metrics
    }))
  }
  if (!('point' in record)) return []
  const { sequence = record.sequence, ...metrics } = record.point
  return [{ peerId: record.peerId, sequence, timestamp: record.at, metrics }]
}

export function storedSampleOf(record: Extract<JournalRecord, { runner: RunnerSample }>): StoredSample {
  return { ...record.runner, runnerId: record.runnerId, timestamp: record.at }
}
