/** Server-sent events on the wire (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
import type { PointEvent, TestEventName, TestEvents } from '../../protocol/events'
import type { LiveTest } from '../store/live-test'
import { dataPointsOf, storedSampleOf, type JournalRecord } from '../store/records'
import { Crowd } from './crowd'

/** `id` is the journal position that the stream has reached: a client that reconnects resumes from it. */
export function encodeEvent<Name extends TestEventName>(name: Name, data: TestEvents[Name], id?: number) {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Collects records of a test into events. Consecutive points share one event. */
export class EventBatch {
  private readonly crowd: Crowd
  private text = ''
  private points: PointEvent[] = []
  private end = 0

  /** Approximate number of characters. */
  get length(): number {
    return this.text.length + this.points.length * 2_000
  }

  constructor(
    private readonly test: Pick<LiveTest, 'isLarge'>,
    /** 0 is the beginning of the journal. */
    from: number | undefined
  ) {
    this.crowd = new Crowd(from === 0)
  }

  add(record: JournalRecord, end: number): void {
    const { isLarge } = this.test
    for (const point of dataPointsOf(record))
      if (isLarge) this.points.push(...this.crowd.add(point))
      else this.points.push(point)
    if ('runner' in record) this.append(encodeEvent('runner', storedSampleOf(record), end))
    else if ('topology' in record && !isLarge) this.append(encodeEvent('topology', record.topology, end))
    this.end = end
  }

  take(): string {
    this.flushPoints()
    const { text } = this
    this.text = ''
    return text
  }

  private append(text: string): void {
    this.flushPoints()
    this.text += text
  }

  private flushPoints(): void {
    if (this.points.length === 0) return
    this.text += encodeEvent('points', this.points, this.end)
    this.points = []
  }
}
