/** A model at one moment of its test. Views show a replay or a running test from it. */
import type { Summary } from '../../protocol/summary'
import { bandsOf, type Band } from './series'
import type { TestModel, Timeline } from './test-model'
import { CAPACITY } from './time-grid'

/** What a running test does now is shown over this long (ms). */
const RECENT = 10_000

export interface Moment {
  model: TestModel
  timeline: Timeline
  /**
   * How many buckets to show: the complete ones. While a test runs, its last reports are still to come;
   * drawing incomplete buckets would make every line drop at its end.
   */
  count: number
  /** The first bucket after the warm-up; during the warm-up, the first of all. */
  measured: number
  /** The first of the buckets that show what the test does now. */
  recent: number
  /** Time in ms. */
  at: number
  /** Length of the time axes, in seconds. */
  span: number
  bands: Band[]
  /** The exact summary, if the whole of a finished test is shown. */
  summary: Summary | undefined
}

/** Undefined while there is no data. @param until ms; by default, the end of the data */
export function momentOf(model: TestModel, until?: number): Moment | undefined {
  const { timeline, state } = model
  if (timeline === undefined || model.pointCount === 0) return undefined
  const { origin, width } = timeline.grid
  const isFinished = state?.state === 'finished'
  const whole = isFinished || until !== undefined
  const end = whole ? model.end : Math.min(model.end, model.latest - 1.5 * model.interval)
  const buckets = (Math.min(until ?? Infinity, end) - origin) / width - (whole ? 0.01 : 0.99)
  const count = Math.max(0, Math.min(CAPACITY, Math.ceil(buckets)))
  const warm = state?.startsAt === undefined ? 0 : state.startsAt + state.warmup * 1000 - origin
  const measured = Math.max(0, Math.ceil(warm / width))
  const span = Math.max(10, isFinished ? 0 : (state?.duration ?? 0), (model.end - origin) / 1000)
  return {
    model,
    timeline,
    count,
    measured: measured < count ? measured : 0,
    recent: Math.max(0, count - Math.ceil(RECENT / width)),
    at: until ?? model.end,
    span,
    bands: bandsOf(model, span),
    summary: until === undefined || until >= model.end ? model.summary : undefined
  }
}
