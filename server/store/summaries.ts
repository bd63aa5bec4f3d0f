/** Summaries of growing journals: each goes on from where the last one stopped. Runs in the document worker. */
import { SummaryBuilder } from '../../analysis/summary-builder'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'
import type { JournalExtent } from './document-file'
import { readLines } from './journal-reader'
import { dataPointsOf, parseRecord, storedSampleOf } from './records'

/** Tests whose builders are kept: a builder of a large test holds some MB. */
const KEPT = 8

interface Progress {
  builder: SummaryBuilder
  position: number
}

export class Summaries {
  private readonly kept = new Map<string, Progress>()

  async summarise(journal: JournalExtent, state: TestState): Promise<Summary> {
    const progress = this.kept.get(journal.path) ?? { builder: new SummaryBuilder(state), position: 0 }
    // While it reads it belongs to nobody else; a failure forgets it.
    this.kept.delete(journal.path)
    // First: what the builder counts depends on when the test starts.
    progress.builder.setState(state)
    for await (const { text, end } of readLines(journal.path, progress.position, journal.length)) {
      addLine(progress.builder, text)
      progress.position = end
    }
    const summary = progress.builder.build()
    this.keep(journal.path, progress)
    return summary
  }

  forget(path: string): void {
    this.kept.delete(path)
  }

  private keep(path: string, progress: Progress): void {
    this.kept.set(path, progress)
    const [oldest] = this.kept.keys()
    if (this.kept.size > KEPT) this.kept.delete(oldest!)
  }
}

function addLine(builder: SummaryBuilder, line: Buffer): void {
  const record = parseRecord(line)
  if ('results' in record) builder.addPeerResults(record.peerId, record.results)
  else if ('runner' in record) builder.addRunnerSample(storedSampleOf(record))
  else if ('topology' in record) builder.addTopology(record.topology)
  else for (const point of dataPointsOf(record)) builder.addPoint(point)
}
