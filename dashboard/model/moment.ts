/** A model at one moment of its test. Views show a replay or a running test from it. */
import { completeBuckets } from './series'
import type { Summary } from '../../protocol/summary'
import type { TestModel, Timeline } from './test-model'

/** What a running test does now is shown over this long (ms). */
const RECENT = 10_000

export interface Moment {
  model: TestModel
  timeline: Timeline
  /** How many buckets to show: the complete ones. */
  count: number
  /** The first of the buckets that show what the test does now. */
  recent: number
  /** Time in ms. */
  at: number
  /** Length of the time axes, in seconds. */
  span: number
  /** The exact summary, if the whole of a finished test is shown. */
  summary: Summary | undefined
}

/** Undefined while there is no data. @param until ms; by default, the end of the data */
export function momentOf(model: TestModel, until?: number): Moment | undefined {
  const { timeline, state } = model
  if (timeline === undefined || model.pointCount === 0) return undefined
  const seconds = (model.end - timeline.grid.origin) / 1000
  const planned = state?.state === 'finished' ? 0 : (state?.duration ?? 0)
  const count = completeBuckets(model, until)
  return {
    model,
    timeline,
    count,
    recent: Math.max(0, count - Math.ceil(RECENT / timeline.grid.width)),
    at: until ?? model.end,
    span: Math.max(10, planned, seconds),
    summary: until === undefined || until >= model.end ? model.summary : undefined
  }
}
