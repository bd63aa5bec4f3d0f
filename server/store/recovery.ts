/** Reads a journal after a restart. Complete lines are kept whatever surrounds them. */
import { stat } from 'node:fs/promises'
import { CountedLines } from './counted-lines'
import { readLines } from './journal-reader'
import { TestProgress } from './test-progress'

/** Throws if the first line is damaged, because nothing then identifies the test. */
export async function recover(path: string) {
  const lines = new CountedLines()
  /** Undefined if the server died before the first line was complete, so it was never acknowledged. */
  let model: TestProgress | undefined
  /** Bytes up to the end of the last line that is kept. */
  let length = 0
  let kept = 0
  let lost = 0
  /** Damaged lines since the last complete one, where the last one ends, and whether it was ever whole. */
  let damaged = { lines: 0, end: 0, wasWhole: false }
  for await (const { text, end } of readLines(path)) {
    const { next } = lines
    const record = lines.read(text)
    if (record === undefined) {
      damaged = { lines: damaged.lines + 1, end, wasWhole: !text.includes(0) }
      continue
    }
    if ('created' in record) model ??= new TestProgress(record.created)
    if (!model) throw new Error('its first line is damaged or missing')
    model.apply(record)
    kept++
    length = end
    // Damaged lines account for some of the missing numbers, but one that came before has none of its own.
    lost += Math.max(damaged.lines, lines.next - 1 - next)
    damaged = { lines: 0, end: 0, wasWhole: false }
  }
  // A power cut may leave zeros in the last line, which was never acknowledged.
  if (damaged.lines > 1 || damaged.wasWhole) {
    if (!model) throw new Error('its first line is damaged or missing')
    lines.next += damaged.lines
    length = damaged.end
    lost += damaged.lines
  }
  if (model && lost > 0)
    model.damage = `${lost} of ${lost + kept} records of its journal are damaged or missing; the other ${kept} were kept`
  // `torn`: bytes of a torn line after them.
  return { model, length, torn: (await stat(path)).size - length, nextNumber: lines.next }
}
