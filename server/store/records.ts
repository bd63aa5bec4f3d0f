/**
 * The lines of a journal: JSON objects whose first key names the kind, so that a reader can skip kinds. They
 * contain request bodies as received: encoding 20 points would take longer than all other work on them.
 */
import { isAscii } from 'node:buffer'
import type { BatchPoint, DataPoint, SinglePoint } from '../../protocol/data-point'
import type { PeerResults } from '../../protocol/peer-results'
import type { StoredSample } from '../../protocol/results-document'
import type { RunnerSample } from '../../protocol/runner-sample'
import type { TestState } from '../../protocol/test-life'
import type { Topology } from '../../protocol/topology'

export type TestSettings = Pick<
  TestState,
  'id' | 'createdAt' | 'expectedPeers' | 'duration' | 'warmup' | 'seed' | 'labels' | 'thresholds'
> & {
  /** If set, the test starts only on request. */
  holdStart?: boolean
}

/** `at`: when it was received, by the server's clock. A line of a single point is read as a batch of one. */
export type JournalRecord =
  | { created: TestSettings; at: number }
  | { started: { startedAt: number; startsAt: number }; at: number }
  | { ready: string; at: number }
  | { points: BatchPoint[]; at: number }
  | { results: PeerResults; peerId: string; at: number }
  | { topology: Topology; at: number }
  | { runner: RunnerSample; runnerId: string; firstPeerNumber: number; at: number }
  | { finished: true; at: number }

type KeysOf<T> = T extends unknown ? keyof T : never
export type RecordKind =
  Exclude<KeysOf<JournalRecord>, 'at' | 'peerId' | 'runnerId' | 'firstPeerNumber'> | 'point'

/** A body as JSON text, as received if possible. */
export type RawJson = Buffer | string

/**
 * Pieces of JSON without the closing brace, which the journal adds with the line's number and checksum.
 * `fields` follow the body.
 */
export function encodeRecord(
  kind: RecordKind,
  body: RawJson,
  fields: Record<string, string | number>
): Buffer[] {
  const tail = JSON.stringify(fields).slice(1, -1)
  const head = `{"${kind}":`
  if (typeof body === 'string') return [Buffer.from(`${head}${body},${tail}`)]
  return [Buffer.from(head), body, Buffer.from(`,${tail}`)]
}

export const lengthOf = (pieces: readonly Buffer[]) => pieces.reduce((sum, { length }) => sum + length, 0)

/** Whether the line begins as that of a batch received without spaces. */
export const startsBatch = (line: Buffer) => line.toString('latin1', 0, BATCH.head.length) === BATCH.head

export function kindOf(line: Buffer): RecordKind {
  return line.toString('latin1', 2, line.indexOf(34, 2)) as RecordKind
}

/** What surrounds the points in the line of a batch as received without spaces, and what separates them. */
export const BATCH = {
  head: '{"points":[',
  tail: Buffer.from('],"at":'),
  separator: Buffer.from('},{"peerId":"')
}

/** Throws SyntaxError if the line is torn. Does not verify its checksum. */
export function parseRecord(line: Buffer): JournalRecord {
  // Decoding Latin-1 is faster than UTF-8, and nearly all lines are plain ASCII.
  return recordOf(JSON.parse(line.toString(isAscii(line) ? 'latin1' : 'utf8')) as LineContent)
}

type LineContent = JournalRecord | { point: SinglePoint; peerId: string; sequence: number; at: number }

export function recordOf(content: LineContent): JournalRecord {
  if (!('point' in content)) return content
  const { point, peerId, sequence, ...rest } = content
  return { points: [{ peerId, sequence, ...point }], ...rest }
}

/** The points of a batch are a microsecond apart, so no two points of a test share a timestamp. */
const STEP_MS = 0.001

/** How far after a record's `at` the test's next record must be, in ms. */
export const spanOf = (points: number) => points * STEP_MS

/** Of a batch's point at that index, in ms. */
export const timestampOf = ({ at }: { at: number }, index: number) => Math.round(at * 1000 + index) / 1000

export function dataPointsOf(record: JournalRecord): DataPoint[] {
  if (!('points' in record)) return []
  return record.points.map(({ peerId, sequence, ...metrics }, index) => ({
    peerId,
    sequence,
    timestamp: timestampOf(record, index),
    metrics
  }))
}

export function storedSampleOf(record: Extract<JournalRecord, { runner: RunnerSample }>): StoredSample {
  return { ...record.runner, runnerId: record.runnerId, timestamp: record.at }
}
