/**
 * Every line of a journal ends in its number and a CRC-32 of all before: `…,"n":7,"crc":"0a1b2c3d"}`. This
 * reveals changed bytes and missing lines, and each line can be checked on its own. Those that count are
 * whole and undamaged, and none comes twice. All readers read through here, so that they agree.
 */
import { crc32 } from 'node:zlib'
import { readLines } from './journal-reader'
import { parseRecord, type JournalRecord, type TestSettings } from './records'

/** Length of `,"crc":"0a1b2c3d"}` */
const SEAL_LENGTH = 18

/** The end of a line, appended to the pieces of its JSON object, which lack the closing brace. */
export function sealOf(pieces: readonly Buffer[], number: number): Buffer {
  const numbered = `,"n":${number}`
  let sum = 0
  for (const piece of pieces) sum = crc32(piece, sum)
  return Buffer.from(`${numbered}${seal(crc32(numbered, sum))}\n`)
}

export function isSealed(line: Buffer): boolean {
  const at = line.length - SEAL_LENGTH
  return at > 0 && line.toString('latin1', at) === seal(crc32(line.subarray(0, at)))
}

const seal = (sum: number) => `,"crc":"${sum.toString(16).padStart(8, '0')}"}`

export class CountedLines {
  next = 0

  /** Undefined if the line is damaged, torn or came before. */
  read(line: Buffer): JournalRecord | undefined {
    if (!isSealed(line)) return undefined
    const record = parseRecord(line) as JournalRecord & { n: number }
    if (record.n < this.next) return undefined
    this.next = record.n + 1
    return record
  }
}

/** The settings in a journal's first line. Rejects if it is damaged. */
export async function settingsIn(path: string): Promise<TestSettings> {
  for await (const { text } of readLines(path)) {
    const record = new CountedLines().read(text)
    if (record && 'created' in record) return record.created
    break
  }
  throw new Error('it does not begin with the creation of the test')
}
