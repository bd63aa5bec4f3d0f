/**
 * The lines of a journal that count: whole, undamaged, and none twice. Recovery, results, streams and the
 * relay all read through here, so that they agree.
 */
import { checkLine } from './line-check'
import { parseRecord, type JournalRecord } from './records'

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
