/**
 * The results document, `<id>.json`: plain JSON, laid out in lines so that its head can be read without the
 * rest. The first is the test's state, the second its summary, and each data point has its own.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Summary } from '../../protocol/summary'
import { testStateSchema, type TestState } from '../../protocol/test-life'
import { withTimes } from '../../protocol/test-times'
import { ChunkBuilder } from './chunk-builder'
import { isSealed } from './counted-lines'
import { readLines } from './journal-reader'
import type { JournalIndex, LineSpan } from './journal-summaries'
import { writePoints } from './point-lines'
import { kindOf, parseRecord, storedSampleOf } from './records'

/** The sources of a document. The journal stays readable through its open file after its name is removed. */
export interface DocumentSource {
  journal: FileHandle
  length: number
  index: JournalIndex
  state: TestState
  summary: Summary | undefined
}

/** What a finished test's state says if nothing is known. */
export const NOTHING_KNOWN = {
  state: 'finished' as const,
  createdAt: 0,
  warmup: 0,
  seed: 0,
  labels: {},
  thresholds: [],
  peers: { ready: 0, reporting: 0, done: 0 },
  runners: [],
  dataPointCount: 0
}

/** No other line of a document ends so: a cut after one would look whole. */
const TAIL = ']}\n'

/** The document in pieces. Each is valid until the next one is requested, which overwrites its bytes. */
export async function* documentChunks(source: DocumentSource): AsyncGenerator<Buffer> {
  const { state, summary, index } = source
  const chunks = new ChunkBuilder()
  chunks.write(`${JSON.stringify(state).slice(0, -1)},\n`)
  if (summary) chunks.write(`"summary":${JSON.stringify(summary)},\n`)
  chunks.write('"peerResults":{')
  yield* writeSection(source, index.results, chunks)
  chunks.write('},\n"runnerSamples":[')
  yield* writeSection(source, index.runner, chunks)
  chunks.write('],\n"topologies":[')
  yield* writeSection(source, index.topology, chunks)
  chunks.write('],\n"dataPoints":[')
  yield* writePointSection(source, chunks)
  chunks.write(`\n${TAIL}`)
  yield* chunks.takeRest()
}

async function* writeSection({ journal, length }: DocumentSource, spans: LineSpan[], chunks: ChunkBuilder) {
  let separator = '\n'
  for (const { from, end } of spans) {
    // A running test's index grows while its document is read.
    if (end > length) break
    const line = Buffer.alloc(end - from - 1)
    await journal.read(line, 0, line.length, from)
    requireUnchanged(isSealed(line))
    chunks.write(separator + entryOf(line))
    separator = ',\n'
    yield* chunks.takeFull()
  }
}

function entryOf(line: Buffer): string {
  const record = parseRecord(line)
  if ('results' in record) return `${JSON.stringify(record.peerId)}:${JSON.stringify(record.results)}`
  return JSON.stringify(
    'runner' in record ? storedSampleOf(record) : (record as { topology: unknown }).topology
  )
}

async function* writePointSection({ journal, length, index }: DocumentSource, chunks: ChunkBuilder) {
  let separator = '\n'
  let from = 0
  for await (const { text, end } of readLines(journal, 0, length)) {
    const position = from
    from = end
    if (index.damaged.has(position)) continue
    requireUnchanged(isSealed(text))
    if (!kindOf(text).startsWith('point')) continue
    chunks.write(separator)
    writePoints(text, !index.unplainPoints.has(position), chunks)
    separator = ',\n'
    yield* chunks.takeFull()
  }
  requireUnchanged(from === length)
}

/** A journal has changed on the disk since its index was made. */
export class ChangedJournalError extends Error {}

function requireUnchanged(isUnchanged: boolean): void {
  if (!isUnchanged) throw new ChangedJournalError('the journal has changed on the disk')
}

/** Throws if the file is missing, or not a complete document as far as its beginning and end show. */
export async function openDocument(path: string): Promise<Readable> {
  const file = await open(path, 'r')
  try {
    const { size } = readHeadOf(file.fd)
    return file.createReadStream({ start: 0, end: size - 1, highWaterMark: 1 << 18 })
  } catch (error) {
    await file.close()
    throw error
  }
}

/**
 * The state of a finished test, from its document. Throws if that is missing or incomplete. Synchronous: a
 * folder may hold tens of thousands, and a server that starts has nobody to serve.
 */
export function readHead(path: string): TestState {
  const file = openSync(path, 'r')
  try {
    return readHeadOf(file).state
  } finally {
    closeSync(file)
  }
}

const tail = Buffer.alloc(TAIL.length)

function readHeadOf(file: number): { size: number; state: TestState } {
  const { size } = fstatSync(file)
  const read = readSync(file, tail, 0, tail.length, Math.max(0, size - tail.length))
  if (tail.toString('latin1', 0, read) !== TAIL) throw new Error('its end is missing')
  return { size, state: parseHead(firstLineOf(file, size)) }
}

const beginning = Buffer.alloc(1 << 14)

function firstLineOf(file: number, size: number): Buffer {
  for (let buffer = beginning; ; buffer = Buffer.alloc(4 * buffer.length)) {
    const read = buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0))
    const newline = read.indexOf(10)
    if (newline >= 0) return read.subarray(0, newline)
    if (read.length >= size) throw new Error('it has no line')
  }
}

function parseHead(line: Buffer): TestState {
  const state = withTimes(JSON.parse(`${line.toString().replace(/,$/, '')}}`) as TestState)
  // The list of tests relies on this check: one odd file must not break the list.
  const { success, error } = testStateSchema.safeParse(state)
  if (!success) throw new Error(`it does not begin with a test's state (${error.issues[0]!.path.join('.')})`)
  return state
}

/** The summary in a finished test's document; undefined if it has none. */
export async function readSummary(path: string): Promise<Summary | undefined> {
  for await (const { text } of readLines(path)) {
    const line = text.toString()
    if (line.startsWith('"summary":'))
      return (JSON.parse(`{${line.replace(/,$/, '')}}`) as { summary: Summary }).summary
    if (!line.startsWith('{')) break
  }
  return undefined
}
