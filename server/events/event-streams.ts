/** `GET /test/:testId/events` for all tests. All listeners of a test share one feed. */
import { setImmediate } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { LIMITS } from '../../protocol/limits'
import type { Reason } from '../../protocol/summary'
import { Refusal } from '../../cli/refusal'
import { CountedLines } from '../store/counted-lines'
import { readLines } from '../store/journal-reader'
import { LiveTest } from '../store/live-test'
import type { StoredTest } from '../store/open-folder'
import { encodeEvent, EventBatch } from './encoding'
import { TestFeed } from './test-feed'

/** Of a large test. */
const REPLAYED_BYTES = 1 << 24

export class EventStreams {
  openStreams = 0
  private readonly feeds = new Map<LiveTest, TestFeed>()

  constructor(private readonly reasonsOf: (id: string) => Promise<Reason[]>) {}

  /** Streams until the test is finished or the caller disconnects. Throws Refusal 503 if too many do. */
  async serve(test: LiveTest | StoredTest, since: string | undefined, request: Request, response: Response) {
    if (this.openStreams >= LIMITS.eventStreams)
      throw new Refusal(503, 'too-many-streams', `${LIMITS.eventStreams} streams are open: close some`)
    this.openStreams++
    try {
      const position = positionOf(since, request)
      if (test instanceof LiveTest && position !== undefined)
        await requireRecordEnd(test, position).catch(unlessStored(test))
      // Its 'close' event is over: nothing would free the place of the stream.
      if (response.closed) return
      response.status(200).set({
        'Content-Type': 'text/event-stream',
        'Cache-Control': 'no-store',
        'X-Accel-Buffering': 'no'
      })
      if (request.method === 'HEAD') response.end()
      else if (test instanceof LiveTest) await this.streamLive(test, position, response)
      else response.end(encodeEvent('state', test.state))
    } finally {
      this.openStreams--
    }
  }

  private async streamLive(test: LiveTest, since: number | undefined, response: Response): Promise<void> {
    response.write(encodeEvent('state', test.state()))
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    // A page of a large test begins with what is recent: it has no place for the rest.
    const recent = test.isLarge ? test.journal.committedLength - REPLAYED_BYTES : 0
    let position = since === undefined ? undefined : Math.max(since, recent)
    const batch = new EventBatch(test, position)
    // Replays the journal until it catches up, then joins the feed. At the start of an event-loop turn, the
    // feed has seen every committed record, so the stream neither misses nor repeats one.
    try {
      while (position !== undefined && position < test.journal.committedLength && !response.closed) {
        position = await replay(test, position, batch, response)
        await setImmediate()
      }
    } catch (error) {
      unlessStored(test)(error)
    }
    if (test.isStored) response.end(encodeEvent('state', test.state()))
    else if (!response.closed) this.feedOf(test, batch).join(response)
    await closed
  }

  /** A new feed continues the sums of the replay before it. */
  private feedOf(test: LiveTest, batch: EventBatch): TestFeed {
    let feed = this.feeds.get(test)
    if (!feed) {
      const ended = () => this.feeds.delete(test)
      feed = new TestFeed(test, batch, () => this.reasonsOf(test.id), ended)
      this.feeds.set(test, feed)
    }
    return feed
  }
}

/** The journal of a stored test may be gone. The results document has what the reader lacks. */
function unlessStored(test: LiveTest): (error: unknown) => void {
  return (error) => {
    if (!test.isStored) throw error
  }
}

/** Sends what counts of everything committed between `from` and now. Resolves to the position reached. */
async function replay(test: LiveTest, from: number, batch: EventBatch, response: Response): Promise<number> {
  const until = test.journal.committedLength
  const lines = new CountedLines()
  for await (const { text, end } of readLines(test.journal.path, from, until)) {
    const record = lines.read(text)
    if (record) batch.add(record, end)
    if (batch.length > 1 << 16) {
      await writeAll(response, batch.take())
      // The reader yields lines in 1 MB blocks and does not return to the event loop between them.
      await setImmediate()
    }
    if (response.closed) break
  }
  await writeAll(response, batch.take())
  return until
}

/** Waits for a slow reader. */
async function writeAll(response: Response, text: string): Promise<void> {
  if (text === '' || response.closed || response.write(text)) return
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

async function requireRecordEnd({ journal }: LiveTest, position: number): Promise<void> {
  if (position === 0) return
  // Of a line's end alone, the reader makes an empty line.
  if (position <= journal.committedLength)
    for await (const { text } of readLines(journal.path, position - 1, position))
      if (text.length === 0) return
  const message = 'since: must be the id of an event of this test; 0 is the beginning'
  throw new Refusal(400, 'bad-query', message, 'since')
}

function positionOf(since: string | undefined, request: Request): number | undefined {
  const last = request.headers['last-event-id']
  const text = typeof last === 'string' && /^\d{1,15}$/.test(last) ? last : since
  return text === undefined ? undefined : Number(text)
}
