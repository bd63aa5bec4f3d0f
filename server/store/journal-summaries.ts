/**
 * Follows growing journals in the results worker. Of each, keeps the summary so far and the positions of
 * other records: the parts of a results file that can be prepared while the test runs.
 */
import { SummaryBuilder } from '../../analysis/summary/summarize'
import type { TestState } from '../../protocol/test-life'
import { CountedLines } from './counted-lines'
import { readLines } from './journal-reader'
import { isPlainBatch } from './point-lines'
import { startsBatch, storedSampleOf, timestampOf } from './records'

/** The committed part of a journal. */
export interface JournalExtent {
  path: string
  length: number
}

/** A line's first byte, and the byte after its newline. */
export interface LineSpan {
  from: number
  end: number
}

/** How far a journal has been read, and what was found up to there. */
const begin = (state: TestState) => ({
  lines: new CountedLines(),
  builder: new SummaryBuilder(state),
  index: {
    results: [] as LineSpan[],
    runner: [] as LineSpan[],
    topology: [] as LineSpan[],
    /** Start positions of lines whose points can't be copied as they are (see point-lines.ts). */
    unplainPoints: new Set<number>(),
    /** Start positions of lines that do not count. */
    damaged: new Set<number>(),
    points: 0
  },
  position: 0
})
type Progress = ReturnType<typeof begin>
export type JournalIndex = Progress['index']

/** Maximum number of tests whose progress is kept: the builder of a large test holds some MB. */
const KEPT = 8
/** Bytes read per step of following a journal: about 20 ms of work. */
const STEP_BYTES = 1 << 20

export class JournalSummaries {
  private readonly kept = new Map<string, Progress>()

  /** Reads a little further. False if there is nothing left to read. */
  async step(journal: JournalExtent, state: TestState): Promise<boolean> {
    const known = this.kept.get(journal.path)
    if (!known && this.kept.size >= KEPT) return false
    const before = known?.position ?? 0
    const length = Math.min(journal.length, before + STEP_BYTES)
    // A line may be longer than a step.
    return (await this.advance({ path: journal.path, length }, state)).position > before
  }

  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.kept.keys()) if (!paths.has(path)) this.kept.delete(path)
  }

  forget(path: string): void {
    this.kept.delete(path)
  }

  /** Brings a journal's summary and index up to its length. */
  async advance(journal: JournalExtent, state: TestState): Promise<Progress> {
    const progress = this.kept.get(journal.path) ?? begin(state)
    // Removed while reading, so that nobody else uses it and a failure discards it.
    this.kept.delete(journal.path)
    // Set first, because what the builder counts depends on when the test starts.
    progress.builder.setState(state)
    for await (const { text, end } of readLines(journal.path, progress.position, journal.length)) {
      addLine(progress, text, end)
      progress.position = end
    }
    this.kept.set(journal.path, progress)
    const [oldest] = this.kept.keys()
    if (this.kept.size > KEPT) this.kept.delete(oldest!)
    return progress
  }
}

function addLine({ lines, builder, index, position }: Progress, line: Buffer, end: number): void {
  const record = lines.read(line)
  if (record === undefined) {
    index.damaged.add(position)
    return
  }
  const span = { from: position, end }
  if ('results' in record) {
    index.results.push(span)
    builder.addPeerResults(record.peerId, record.results)
  } else if ('runner' in record) {
    index.runner.push(span)
    builder.addRunnerSample(storedSampleOf(record))
  } else if ('topology' in record) {
    index.topology.push(span)
    builder.addTopology(record.topology)
  } else if ('points' in record) {
    if (startsBatch(line) && !isPlainBatch(line, record)) index.unplainPoints.add(position)
    index.points += record.points.length
    // The points serve as metrics unchanged: copying 60 fields of each would take as long as all other work.
    for (const [place, metrics] of record.points.entries()) {
      const { peerId, sequence } = metrics
      builder.addPoint({ peerId, sequence, timestamp: timestampOf(record, place), metrics })
    }
  }
}
