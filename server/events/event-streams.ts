/** `GET /test/:testId/events` for all tests: one feed a test, shared by everyone who listens to it. */
import { setImmediate } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { LIMITS } from '../../protocol/limits'
import type { Reason } from '../../protocol/summary'
import { Refusal } from '../refusal'
import { readLines } from '../store/journal-reader'
import { LiveTest } from '../store/live-test'
import { parseRecord } from '../store/records'
import type { StoredTest } from '../store/test-store'
import { encodeEvent, EventBatch } from './encoding'
import { TestFeed } from './test-feed'

export class EventStreams {
  private readonly feeds = new Map<LiveTest, TestFeed>()
  private open = 0

  constructor(private readonly reasonsOf: (id: string) => Promise<Reason[]>) {}

  get openStreams(): number {
    return this.open
  }

  /** Streams until the test is finished or the caller goes away. Throws Refusal 503 where too many listen. */
  async serve(
    test: LiveTest | StoredTest,
    since: string | undefined,
    request: Request,
    response: Response
  ): Promise<void> {
    if (this.open >= LIMITS.eventStreams)
      throw new Refusal(503, 'too-many-streams', `${LIMITS.eventStreams} streams are open: close some`)
    response.status(200).set({
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no'
    })
    if (!(test instanceof LiveTest)) {
      response.end(encodeEvent('state', test.state))
      return
    }
    this.open++
    try {
      await this.serveLive(test, positionOf(since, request), response)
    } finally {
      this.open--
    }
  }

  private async serveLive(test: LiveTest, since: number | undefined, response: Response): Promise<void> {
    response.write(encodeEvent('state', test.state()))
    const closed = new Promise<void>((resolve) => response.once('close', resolve))
    let position = since
    // What the journal holds already, until it is caught up with; then what comes. At the beginning of a turn of the event
    // loop every committed record has been told to the feed, so that none is missed and none comes twice.
    while (position !== undefined && position < test.journal.committedLength && !response.closed) {
      position = await replay(test, position, response)
      await setImmediate()
    }
    if (!response.closed) this.feedOf(test).join(response)
    await closed
  }

  private feedOf(test: LiveTest): TestFeed {
    let feed = this.feeds.get(test)
    if (!feed) {
      feed = new TestFeed(test, () => this.reasonsOf(test.id))
      this.feeds.set(test, feed)
      feed.once('ended', () => this.feeds.delete(test))
    }
    return feed
  }
}

/** Sends what was committed between `from` and now; resolves to the position it has come to. */
async function replay(test: LiveTest, from: number, response: Response): Promise<number> {
  const until = test.journal.committedLength
  const batch = new EventBatch()
  for await (const { text, end } of readLines(test.journal.path, from, until)) {
    batch.add(parseRecord(text), end)
    if (batch.length > 1 << 16) await writeAll(response, batch.take())
    if (response.closed) break
  }
  await writeAll(response, batch.take())
  return until
}

/** Waits where the reader is slower. */
async function writeAll(response: Response, text: string): Promise<void> {
  if (text === '' || response.closed || response.write(text)) return
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}

function positionOf(since: string | undefined, request: Request): number | undefined {
  const last = request.headers['last-event-id']
  const text = typeof last === 'string' && /^\d{1,15}$/.test(last) ? last : since
  return text === undefined ? undefined : Number(text)
}
