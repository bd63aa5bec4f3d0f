/** The events of one test, encoded once for all listeners. */
import type { Response } from 'express'
import type { Reason } from '../../protocol/summary'
import type { LiveTest } from '../store/live-test'
import type { JournalRecord } from '../store/records'
import { encodeEvent, type EventBatch } from './encoding'

/** Points are batched for this long, */
const FLUSH_MS = 500
/** or up to this many characters: encoding 0.5 s of a large test at once would block the event loop. */
const FLUSH_LENGTH = 1 << 18
/** The counters in the state change with every point, so the state is sent at most this often. */
const STATE_MS = 2_000
/** Computing the reasons takes a summary, so they are sent at most this often. */
const REASONS_MS = 10_000
/** A listener with more unread data than this is cut off. It can resume with the id of its last event. */
const MOST_UNREAD_BYTES = 4_194_304

export class TestFeed {
  private readonly streams = new Set<Response>()
  private lastState = ''
  private lastStateAt = 0
  private lastReasons = ''
  private lastReasonsAt = performance.now()
  private changed = false
  private readonly timer: NodeJS.Timeout

  constructor(
    private readonly test: LiveTest,
    private readonly batch: EventBatch,
    private readonly reasons: () => Promise<Reason[]>,
    /** Called when nobody listens any more, or the test is stored. */
    private readonly ended: () => void
  ) {
    test.on('committed', this.onCommitted)
    test.on('changed', this.onChanged)
    test.on('stored', this.onStored)
    this.timer = setInterval(() => this.flush(), FLUSH_MS)
  }

  join(response: Response): void {
    // The batch was committed before the newcomer joined, so the newcomer already has it.
    this.send(this.batch.take())
    if (this.lastReasons !== '') response.write(this.lastReasons)
    this.streams.add(response)
    response.once('close', () => {
      this.streams.delete(response)
      if (this.streams.size === 0) this.end()
    })
  }

  private readonly onCommitted = (record: JournalRecord, end: number): void => {
    this.batch.add(record, end)
    if (this.batch.length > FLUSH_LENGTH) this.send(this.batch.take())
  }

  private readonly onChanged = (): void => {
    this.changed = true
  }

  private readonly onStored = (): void => {
    this.changed = true
    this.flush()
    for (const response of this.streams) response.end()
    // Reasons may still come: writing to a response that has ended would end the server.
    this.streams.clear()
    this.end()
  }

  private flush(): void {
    this.send(this.batch.take() + this.takeState())
    // A failed summary is already in the log. The stream continues.
    if (performance.now() - this.lastReasonsAt > REASONS_MS) this.sendReasons().catch(() => undefined)
  }

  private takeState(): string {
    if (!this.changed && performance.now() - this.lastStateAt < STATE_MS) return ''
    this.changed = false
    this.lastStateAt = performance.now()
    const text = encodeEvent('state', this.test.state())
    if (text === this.lastState) return ''
    this.lastState = text
    return text
  }

  private async sendReasons(): Promise<void> {
    this.lastReasonsAt = performance.now()
    if (this.test.model.state !== 'running') return
    const text = encodeEvent('reasons', await this.reasons())
    if (text === this.lastReasons) return
    this.lastReasons = text
    this.send(text)
  }

  private send(text: string): void {
    if (text === '') return
    for (const response of this.streams) {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy()
      else response.write(text)
    }
  }

  private end(): void {
    clearInterval(this.timer)
    this.test.off('committed', this.onCommitted)
    this.test.off('changed', this.onChanged)
    this.test.off('stored', this.onStored)
    this.ended()
  }
}
