/**
 * Reads a journal after a restart: its content, where its last complete line ends, and which lines are
 * damaged. Complete lines are kept whatever surrounds them.
 */
import { stat } from 'node:fs/promises'
import { CountedLines } from './counted-lines'
import { readLines } from './journal-reader'
import type { JournalRecord } from './records'
import { TestProgress } from './test-progress'

export interface Recovered {
  /**
   * Undefined if the server died before the test's first line was complete, so the line was never
   * acknowledged.
   */
  model: TestProgress | undefined
  /** Bytes up to the end of the last line that is kept. */
  length: number
  /** Bytes of a torn line after them. */
  torn: number
  /** The next line's number. */
  nextNumber: number
}

/** No clock is set back by more than this between two starts of the server, in ms. */
const MOST_AHEAD_MS = 10 * 365 * 86_400_000

/**
 * `now`: the server's clock. Throws if the first line is damaged, because nothing then identifies the test.
 */
export async function recover(path: string, now: number): Promise<Recovered> {
  const recovery = new Recovery(now + MOST_AHEAD_MS)
  for await (const { text, end } of readLines(path)) recovery.add(text, end)
  const { model, length, nextNumber } = recovery.end()
  const { size } = await stat(path)
  return { model, length, torn: size - length, nextNumber }
}

class Recovery {
  private model: TestProgress | undefined
  private length = 0
  private readonly lines = new CountedLines()
  private kept = 0
  private lost = 0
  /** Damaged lines since the last complete one, where the last one ends, and whether it was ever whole. */
  private damaged = { lines: 0, end: 0, wasWhole: false }

  constructor(private readonly latest: number) {}

  add(line: Buffer, end: number): void {
    const record = this.read(line)
    if (record === undefined) {
      this.damaged = { lines: this.damaged.lines + 1, end, wasWhole: !line.includes(0) }
      return
    }
    this.settleDamage()
    if ('created' in record) this.model ??= new TestProgress(record.created)
    if (!this.model) throw new Error('it does not begin with the creation of the test')
    this.model.apply(record)
    this.kept++
    this.length = end
  }

  end(): Pick<Recovered, 'model' | 'length' | 'nextNumber'> {
    // A power cut may leave zeros in the last line, which was never acknowledged.
    if (this.damaged.lines > 1 || this.damaged.wasWhole) {
      this.lines.next += this.damaged.lines
      this.length = this.damaged.end
      this.settleDamage()
    }
    if (this.model) this.model.damage = this.describeDamage()
    return { model: this.model, length: this.length, nextNumber: this.lines.next }
  }

  /** Undefined if the line is damaged or a duplicate. */
  private read(line: Buffer): JournalRecord | undefined {
    const { next, hasChecksums } = this.lines
    const record = this.lines.read(line)
    if (record === undefined) return undefined
    if (!this.isPlausible(record.at)) {
      this.lines.next = next
      return undefined
    }
    // Damaged lines account for some of the missing numbers.
    if (hasChecksums) this.lost += Math.max(0, this.lines.next - 1 - next - this.damaged.lines)
    return record
  }

  /** A changed digit must not put the server's clock centuries ahead. */
  private isPlausible(at: unknown): boolean {
    return typeof at === 'number' && at >= 0 && at <= this.latest
  }

  private settleDamage(): void {
    if (this.damaged.lines === 0) return
    if (!this.model) throw new Error('its first line is damaged')
    this.lost += this.damaged.lines
    this.damaged = { lines: 0, end: 0, wasWhole: false }
  }

  private describeDamage(): string | undefined {
    if (this.lost === 0) return undefined
    return `${this.lost} of ${this.lost + this.kept} records of its journal are damaged or missing; the other ${this.kept} were kept`
  }
}
