/**
 * Every line of a journal ends in its number and a CRC-32 of everything before: `…,"n":7,"crc":"0a1b2c3d"}`.
 * This reveals changed bytes and missing lines, and each line can be checked on its own. The lines that count
 * are whole, undamaged, and none comes twice: recovery, results, streams and the relay all read through here,
 * so that they agree.
 */
import { crc32 } from 'node:zlib'
import { parseRecord, type JournalRecord } from './records'

/** Length of `,"crc":"0a1b2c3d"}` */
const SEAL_LENGTH = 18
const SEAL = /^,"crc":"[0-9a-f]{8}"\}$/

/** The end of a line, appended to the pieces of its JSON object, which lack the closing brace. */
export function sealOf(pieces: readonly Buffer[], number: number): Buffer {
  const numbered = `,"n":${number}`
  let sum = 0
  for (const piece of pieces) sum = crc32(piece, sum)
  return Buffer.from(`${numbered},"crc":"${hex(crc32(numbered, sum))}"}\n`)
}

/** `none`: the line has no checksum, as written by versions before checksums. */
export type LineCheck = 'right' | 'wrong' | 'none'

export function checkLine(line: Buffer): LineCheck {
  const at = line.length - SEAL_LENGTH
  if (at < 0) return 'none'
  const seal = line.toString('latin1', at)
  if (!SEAL.test(seal)) return 'none'
  return seal.slice(8, 16) === hex(crc32(line.subarray(0, at))) ? 'right' : 'wrong'
}

const hex = (sum: number) => sum.toString(16).padStart(8, '0')

export class CountedLines {
  /** Number of the next line. */
  next = 0
  hasChecksums = false

  /** Undefined if the line is damaged, torn or came before. */
  read(line: Buffer): JournalRecord | undefined {
    const check = checkLine(line)
    if (check === 'wrong' || (check === 'none' && this.hasChecksums)) return undefined
    const record = tryParse(line)
    if (record === undefined) return undefined
    if (check === 'none') this.next++
    else {
      const { n } = record as unknown as { n: number }
      if (n < this.next) return undefined
      this.hasChecksums = true
      this.next = n + 1
    }
    return record
  }
}

/** Returns undefined for a torn line. After a power cut, that may be a last line of zeros with a newline. */
function tryParse(line: Buffer): JournalRecord | undefined {
  try {
    return parseRecord(line)
  } catch {
    return undefined
  }
}
