/** The worker thread that reads journals back: for seconds, which would block the server's event loop. */
import { open, rm } from 'node:fs/promises'
import { constants, getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SummaryBuilder } from '../../analysis/summary/summarize'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import { answerCalls } from '../worker-file'
import { writeToDisk } from './disk-writer'
import { KeyedQueue } from './keyed-queue'
import { JournalSummaries, type JournalExtent } from './journal-summaries'
import { ChangedJournalError, documentChunks } from './results-file'

export interface Source {
  journal: JournalExtent
  state: TestState
}

export type ResultsQuestion =
  | { summarise: Source }
  | { write: Source; target: string }
  /** The first chunk of a document, which `document` identifies from now on. */
  | { open: Source; document: number }
  | { read: number }
  | { close: number }
  /** Prepares the summaries of these tests and discards all others. */
  | { follow: Source[] }

export interface ResultsAnswer {
  summary?: Summary
  /** Why there is no summary, though there is a document. */
  summaryError?: string
  /** What data is lost, if any. */
  damage?: string
  /** Undefined at the end of the document. */
  chunk?: Uint8Array
}

/** After each round of following, it rests this many times as long: it uses at most a fifth of a core. */
const REST_FACTOR = 4
const IDLE_MS = 200
/** Below the server's priority (setpriority(2)): clients' requests go first if all cores are busy. */
const LOWER_PRIORITY = 5

const summaries = new JournalSummaries()
const reading = new Map<number, AsyncGenerator<Buffer>>()
let followed: Source[] = []
/** Only one job at a time uses a journal's summary. */
const turns = new KeyedQueue()

answerCalls(async (question: ResultsQuestion): Promise<ResultsAnswer> => {
  if ('summarise' in question) return (await prepare(question.summarise)).told
  if ('write' in question) return writeDocument(question.write, question.target)
  if ('read' in question) return nextOf(reading.get(question.read)!)
  if ('open' in question) {
    const chunks = chunksOf(question.open)
    const first = await nextOf(chunks)
    reading.set(question.document, chunks)
    return first
  }
  if ('close' in question) {
    const chunks = reading.get(question.close)
    reading.delete(question.close)
    await chunks?.return(undefined)
    return {}
  }
  followed = question.follow
  summaries.keepOnly(new Set(followed.map(({ journal }) => journal.path)))
  return {}
})

/** A failed summary must not cost the data: the document is then written without it. */
function prepare({ journal, state }: Source) {
  return turns.run(journal.path, async () => {
    const { index, builder, position } = await summaries.advance(journal, state)
    const lost = index.damaged.size
    const damage =
      state.damage ??
      (lost > 0 ? `${lost} records of its journal are damaged` : missing(state.dataPointCount, index.points))
    const whole: TestState = { ...state, damage }
    const told: ResultsAnswer = { ...summaryOf(builder, whole), damage }
    return {
      told,
      document: { length: Math.min(journal.length, position), index, state: whole, summary: told.summary }
    }
  })
}

function missing(acknowledged: number, found: number): string | undefined {
  if (found >= acknowledged) return undefined
  return `${acknowledged - found} of ${acknowledged} acknowledged data points are missing from its journal`
}

function summaryOf(builder: SummaryBuilder, state: TestState): ResultsAnswer {
  try {
    builder.setState(state)
    return { summary: builder.build() }
  } catch (error) {
    return { summaryError: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

async function writeDocument(source: Source, target: string): Promise<ResultsAnswer> {
  const prepared = await prepare(source)
  try {
    await writeToDisk(target, chunksOf(source, prepared))
  } catch (error) {
    if (!(error instanceof ChangedJournalError)) throw error
    await rm(target)
    return writeDocument(source, target)
  }
  return prepared.told
}

async function* chunksOf(source: Source, prepared?: Awaited<ReturnType<typeof prepare>>) {
  // Opened first: the test may be finished and its journal removed during preparation.
  const journal = await open(source.journal.path, 'r')
  try {
    const { document } = prepared ?? (await prepare(source))
    yield* documentChunks({ journal, ...document })
  } catch (error) {
    // It is read again from its beginning, which finds the damage.
    if (error instanceof ChangedJournalError) summaries.forget(source.journal.path)
    throw error
  } finally {
    await journal.close()
  }
}

async function nextOf(chunks: AsyncGenerator<Buffer>): Promise<ResultsAnswer> {
  const next = await chunks.next()
  return next.done === true ? {} : { chunk: next.value }
}

async function follow(): Promise<never> {
  for (;;) {
    const begun = performance.now()
    let isIdle = true
    for (const { journal, state } of followed)
      // An error here recurs and is reported when the result is requested.
      if (await turns.run(journal.path, () => summaries.step(journal, state)).catch(() => false))
        isIdle = false
    await sleep(isIdle ? IDLE_MS : (performance.now() - begun) * REST_FACTOR, undefined, { ref: false })
  }
}

// On Linux this changes only the thread's priority.
if (process.platform === 'linux')
  setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + LOWER_PRIORITY))
// An error here ends the thread. Its owner fails the pending calls and starts a new one.
follow().catch((error: unknown) => {
  throw error
})
