/**
 * Follows a running test. Each event carries its position in the server's journal. A new connection starts
 * where the last one ended, the first one at 0, so neither a late visitor nor a restart of the server leaves
 * a gap.
 */
import type { TestEventName, TestEvents } from '../../protocol/events'
import type { Session } from '../session'
import { ApiError } from '../../protocol/api-client'
import { readEvents } from './event-stream'
import { loadDocument } from './load'
import type { TestModel } from './test-model'

export type Connection = 'connecting' | 'live' | 'lost' | 'closed'

/** A document with more data points has 240 MB: its page shows the summary, and what it saw live. */
const MOST_POINTS = 100_000
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 5000
/** Reconnects after this long (ms) without an event, because a dead connection is silent too. */
const LONGEST_SILENCE = 60_000

const HANDLERS: { [Name in TestEventName]: (model: TestModel, data: TestEvents[Name]) => void } = {
  state: (model, state) => model.setState(state),
  points: (model, points) => {
    for (const point of points) model.addPoint(point)
  },
  runner: (model, sample) => model.addSample(sample),
  topology: (model, topology) => model.addTopology(topology),
  reasons: (model, reasons) => model.setReasons(reasons)
}

/**
 * Resolves when the test is finished and its document read, or when the signal aborts. Rejects with ApiError
 * if the server refuses, for example because the test does not exist or its file is damaged. If the server is
 * unreachable, retries indefinitely.
 */
export async function follow(
  model: TestModel,
  testId: string,
  session: Session,
  onConnection: (connection: Connection) => void,
  signal: AbortSignal
): Promise<void> {
  const follower = new Follower(model, testId, session, signal)
  let pause = FIRST_PAUSE
  for (;;) {
    try {
      await follower.connect(() => {
        pause = FIRST_PAUSE
        onConnection('live')
      })
      if (model.isComplete) {
        onConnection('closed')
        return
      }
    } catch (error) {
      if (signal.aborted) return
      if (isRefusal(error)) throw error
      onConnection('lost')
    }
    await sleep(pause * (0.75 + Math.random() / 2))
    pause = Math.min(LONGEST_PAUSE, pause * 1.6)
  }
}

class Follower {
  private readonly path: string
  /** The position in the server's journal. */
  private position = '0'

  constructor(
    private readonly model: TestModel,
    private readonly testId: string,
    private readonly session: Session,
    private readonly signal: AbortSignal
  ) {
    this.path = `/test/${encodeURIComponent(testId)}`
  }

  /** Uses one connection until it ends, or until the model has all of a finished test. */
  async connect(onLive: () => void): Promise<void> {
    const connection = new AbortController()
    const signal = AbortSignal.any([this.signal, connection.signal])
    try {
      const events = await this.session.stream(`${this.path}/events?since=${this.position}`, signal)
      onLive()
      await this.readUntilFinished(events)
      if (this.model.state?.state !== 'finished') return
      if (this.model.isCrowd || this.model.state.dataPointCount > MOST_POINTS) {
        this.model.setSummary(await this.session.call((client) => client.getSummary(this.testId)))
        this.model.setComplete()
        return
      }
      const document = await this.session.stream(`${this.path}?dataPoints=true`, signal)
      // A stream lacks what came while its reader was away or slow, and of a finished test it has none.
      const hadAll = this.model.pointCount >= this.model.state.dataPointCount
      await loadDocument(this.model, document, { withoutPoints: hadAll })
    } finally {
      connection.abort()
    }
  }

  private async readUntilFinished(stream: ReadableStream<Uint8Array>): Promise<void> {
    const events = readEvents(stream)
    for (;;) {
      const next = await Promise.race([events.next(), sleep(LONGEST_SILENCE)])
      if (next === undefined || next.done === true) break
      const { id, name, data } = next.value
      if (Object.hasOwn(HANDLERS, name))
        HANDLERS[name as TestEventName](this.model, JSON.parse(data) as never)
      if (id !== undefined) this.position = id
    }
  }
}

/** What the disk has lost stays lost. */
const DAMAGES = ['test-corrupt', 'no-summary']

/** Whether asking again would be refused again. */
export const isRefusal = (error: unknown) =>
  error instanceof ApiError &&
  (DAMAGES.includes(error.code) || (error.status >= 400 && error.status < 500 && error.status !== 429))

const sleep = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms))
