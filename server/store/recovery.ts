/** Reads a journal after a restart: what it holds, and where its whole lines end. */
import { stat } from 'node:fs/promises'
import { readLines } from './journal-reader'
import { parseRecord, type JournalRecord } from './records'
import { TestModel } from './test-model'

export interface Recovered {
  /** Undefined where the server died before the test's first line was whole: it was never acknowledged. */
  model: TestModel | undefined
  /** Bytes of whole lines. */
  length: number
  /** Bytes after them, of a torn line. */
  torn: number
}

/** Throws where a line in the middle is no record: that is damage, not a torn write. */
export async function recover(path: string): Promise<Recovered> {
  let model: TestModel | undefined
  let length = 0
  let damagedAt: number | undefined
  for await (const { text, end } of readLines(path)) {
    if (damagedAt !== undefined) throw new Error(`the line at byte ${damagedAt} is damaged`)
    const record = tryParse(text)
    if (record === undefined) {
      damagedAt = length
      continue
    }
    if ('created' in record) model = new TestModel(record.created)
    if (!model) throw new Error('it does not begin with the creation of the test')
    model.apply(record)
    length = end
  }
  const { size } = await stat(path)
  return { model, length, torn: size - length }
}

/** A power cut may leave a last line of zeros with a newline: torn as well. */
function tryParse(line: Buffer): JournalRecord | undefined {
  try {
    return parseRecord(line)
  } catch {
    return undefined
  }
}
