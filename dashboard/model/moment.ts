/** A model at one moment of its test. Views show a replay or a running test from it. */
import { bandsOf } from './series'
import type { TestModel } from './test-model'
import { CAPACITY } from './time-grid'

/** What a running test does now is shown over this long (ms). */
const RECENT = 10_000

export type Moment = NonNullable<ReturnType<typeof momentOf>>

/** Undefined while there is no data. @param until ms; by default, the end of the data */
export function momentOf(model: TestModel, until?: number) {
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
    /** Complete buckets: later ones still miss reports, and would make every line drop at its end. */
    count,
    /** The first bucket after the warm-up; during the warm-up, the first of all. */
    measured: measured < count ? measured : 0,
    /** The first of the buckets that show what the test does now. */
    recent: Math.max(0, count - Math.ceil(RECENT / width)),
    /** ms */
    at: until ?? model.end,
    /** Length of the time axes, in s. */
    span,
    bands: bandsOf(model, span),
    /** The exact summary, if the whole of a finished test is shown. */
    summary: until === undefined || until >= model.end ? model.summary : undefined
  }
}
