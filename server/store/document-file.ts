/**
 * The results document as a file. It is JSON as any other, laid out in lines so that its head is read without the rest:
 * the first line is the test's state, the second its summary, and every data point has its own.
 */
import { open, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'
import { readLines } from './journal-reader'
import { dataPointsOf, kindOf, parseRecord, storedSampleOf, type RecordKind } from './records'

/** A journal, as far as it is committed. */
export interface JournalExtent {
  path: string
  length: number
}

const TAIL = ']}\n'

/**
 * Writes the document to `<target>.tmp`, then renames it: the file is whole or absent. Reads the journal once a section,
 * because peers' accounts come late in it and early in the document.
 */
export async function writeDocument(
  journal: JournalExtent,
  state: TestState,
  summary: Summary | undefined,
  target: string
): Promise<void> {
  const temporary = `${target}.tmp`
  const file = await open(temporary, 'w', 0o600)
  try {
    const out = new LineWriter(file)
    await out.write(`${JSON.stringify(state).slice(0, -1)},\n`)
    await out.write(summary ? `"summary":${JSON.stringify(summary)},\n` : '')
    await out.write('"peerResults":{')
    await writeSection(journal, ['results'], out)
    await out.write('\n},\n"runnerSamples":[')
    await writeSection(journal, ['runner'], out)
    await out.write('\n],\n"topologies":[')
    await writeSection(journal, ['topology'], out)
    await out.write('\n],\n"dataPoints":[')
    await writeSection(journal, ['point', 'points'], out)
    await out.write(`\n${TAIL}`)
    await out.flush()
    await file.datasync()
  } finally {
    await file.close()
  }
  await rename(temporary, target)
  await syncFolder(dirname(target))
}

async function writeSection(journal: JournalExtent, kinds: RecordKind[], out: LineWriter): Promise<void> {
  let separator = '\n'
  for await (const { text } of readLines(journal.path, 0, journal.length)) {
    if (!kinds.includes(kindOf(text))) continue
    for (const entry of entriesOf(text)) {
      await out.write(separator + entry)
      separator = ',\n'
    }
  }
}

function entriesOf(line: Buffer): string[] {
  const record = parseRecord(line)
  if ('results' in record) return [`${JSON.stringify(record.peerId)}:${JSON.stringify(record.results)}`]
  if ('runner' in record) return [JSON.stringify(storedSampleOf(record))]
  if ('topology' in record) return [JSON.stringify(record.topology)]
  return dataPointsOf(record).map((point) => JSON.stringify(point))
}

/** The head of a finished test's document. Throws where the file is not a whole document of ours. */
export async function readHead(path: string): Promise<TestState> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const tail = Buffer.alloc(TAIL.length)
    await file.read(tail, 0, tail.length, Math.max(0, size - tail.length))
    if (tail.toString() !== TAIL) throw new Error('its end is missing')
  } finally {
    await file.close()
  }
  for await (const { text } of readLines(path))
    return JSON.parse(`${text.toString().replace(/,$/, '')}}`) as TestState
  throw new Error('it is empty')
}

/** The summary of a finished test's document; undefined where it has none. */
export async function readSummary(path: string): Promise<Summary | undefined> {
  let number = 0
  for await (const { text } of readLines(path)) {
    if (++number < 2) continue
    const line = text.toString()
    if (!line.startsWith('"summary":')) return undefined
    return (JSON.parse(`{${line.replace(/,$/, '')}}`) as { summary: Summary }).summary
  }
  return undefined
}

/** A new or renamed file survives a power cut once its folder is synced. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Gathers lines into large writes. */
class LineWriter {
  private pieces: string[] = []
  private size = 0

  constructor(private readonly file: FileHandle) {}

  async write(piece: string): Promise<void> {
    this.pieces.push(piece)
    this.size += piece.length
    if (this.size >= 1 << 20) await this.flush()
  }

  async flush(): Promise<void> {
    await this.file.appendFile(this.pieces.join(''))
    this.pieces = []
    this.size = 0
  }
}
