/**
 * Follows a running test. Each event carries its position in the server's journal, where a new connection
 * starts: neither a late visitor nor a restart of the server leaves a gap.
 */
import { EventSourceParserStream, type EventSourceMessage } from 'eventsource-parser/stream'
import type { TestEventName, TestEvents } from '../../protocol/events'
import type { Session } from '../session'
import { ApiError } from '../../protocol/api-client'
import { loadDocument, type TestModel } from './test-model'

/** A document with more data points has 240 MB: its page shows the summary, and what it saw live. */
export const MOST_POINTS = 100_000
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 5000
/** Reconnects after this long (ms) without an event, because a dead connection is silent too. */
const LONGEST_SILENCE = 60_000

const HANDLERS: { [Name in TestEventName]: (model: TestModel, data: TestEvents[Name]) => void } = {
  state: (model, state) => model.setState(state),
  points: (model, points) => points.forEach((point) => model.addPoint(point)),
  runner: (model, sample) => model.addSample(sample),
  topology: (model, topology) => model.addTopology(topology),
  reasons: (model, reasons) => model.setReasons(reasons)
}

/**
 * Resolves when the test is finished and its document read, or when the signal aborts. Rejects with ApiError
 * if the server refuses, as for a test that is missing or damaged. While it does not answer, says so to
 * `onLost` and retries.
 */
export async function follow(
  model: TestModel,
  testId: string,
  session: Session,
  onLost: (isLost: boolean) => void,
  signal: AbortSignal
): Promise<void> {
  let position = '0'
  let pause = FIRST_PAUSE
  for (;;) {
    const connection = new AbortController()
    const either = AbortSignal.any([signal, connection.signal])
    const leave = () => letsGo(model) && connection.abort()
    addEventListener('visibilitychange', leave, { signal: either })
    // A page kept for Back would keep its connection, too, of any test.
    addEventListener('pagehide', () => connection.abort(), { signal: either })
    try {
      const events = await session.stream(`/test/${testId}/events?since=${position}`, either)
      pause = FIRST_PAUSE
      onLost(false)
      for await (const { id, event = '', data } of untilSilent(events)) {
        if (Object.hasOwn(HANDLERS, event)) HANDLERS[event as TestEventName](model, JSON.parse(data) as never)
        position = id ?? position
        model.version++
        leave()
      }
      if (model.state?.state === 'finished') {
        await complete(model, session, either)
        return
      }
    } catch (error) {
      if (signal.aborted) return
      if (isRefusal(error)) throw error
      if (!letsGo(model)) onLost(true)
    } finally {
      connection.abort()
    }
    if (letsGo(model)) {
      await new Promise((seen) => addEventListener('visibilitychange', seen, { once: true }))
      // What has happened meanwhile is about to arrive.
      model.heardAt = Math.max(model.heardAt, performance.now())
      continue
    }
    await new Promise((over) => setTimeout(over, pause * (0.75 + Math.random() / 2)))
    pause = Math.min(LONGEST_PAUSE, pause * 1.6)
  }
}

/**
 * Nobody sees a hidden page, which would keep one of the browser's six connections to the server. Of a large
 * test, it could not read later what it has missed.
 */
function letsGo({ isCrowd, state, interval }: TestModel): boolean {
  if (!document.hidden || isCrowd || state === undefined || state.state === 'finished') return false
  const { dataPointCount, duration = 0, expectedPeers = 0, peers } = state
  const planned = (Math.max(expectedPeers, peers.ready, peers.reporting) * duration * 1000) / interval
  return Math.max(dataPointCount, planned) <= MOST_POINTS
}

/**
 * A response's events, until it ends or is silent for too long. The browser's EventSource can't send the
 * Authorization header, and a token in the URL would end up in logs.
 */
async function* untilSilent(response: ReadableStream<Uint8Array>): AsyncGenerator<EventSourceMessage> {
  const text = response.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
  // Safari cannot iterate over a stream.
  const reader = text.pipeThrough(new EventSourceParserStream()).getReader()
  for (;;) {
    const silence = setTimeout(() => void reader.cancel(), LONGEST_SILENCE)
    const { done, value } = await reader.read().finally(() => clearTimeout(silence))
    if (done) return
    yield value
  }
}

/** Reads what a finished test has beyond its events. */
async function complete(model: TestModel, session: Session, signal: AbortSignal): Promise<void> {
  const { pointCount, isCrowd, state } = model
  const { id: testId, dataPointCount: stored } = state!
  if (isCrowd || stored > MOST_POINTS) {
    model.setSummary(await session.call((client) => client.getSummary(testId)))
    model.setComplete()
    return
  }
  const document = await session.stream(`/test/${testId}?dataPoints=true`, signal)
  // A stream lacks what came while its reader was away or slow, and of a finished test it has none.
  await loadDocument(model, document, pointCount >= stored ? 'dataPoints' : undefined)
}

/** What the disk has lost stays lost. */
const DAMAGES = ['test-corrupt', 'no-summary']

/** Whether asking again would be refused again. */
export const isRefusal = (error: unknown) =>
  error instanceof ApiError &&
  (DAMAGES.includes(error.code) || (error.status >= 400 && error.status < 500 && error.status !== 429))
