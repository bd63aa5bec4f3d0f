/** A model at an instant of its test: what the views of a replay, and of a test that goes on, are made from. */
import { completeBuckets } from './series'
import type { TestModel, Timeline } from './test-model'

export interface Moment {
  model: TestModel
  timeline: Timeline
  /** The version of the model it was taken from: the model itself changes in place. */
  version: number
  /** Buckets that are shown: those which are complete. */
  count: number
  /** The instant, ms. */
  at: number
  /** Seconds that time axes show. */
  span: number
}

/** Undefined while there is no data. @param until ms; by default as far as the data reaches. */
export function momentOf(model: TestModel, until?: number): Moment | undefined {
  const { timeline, state } = model
  if (timeline === undefined || model.pointCount === 0) return undefined
  const seconds = (model.latest - timeline.grid.origin) / 1000
  const planned = state?.finished === true ? 0 : (state?.duration ?? 0)
  return {
    model,
    timeline,
    version: model.version,
    count: completeBuckets(model, until),
    at: until ?? model.latest,
    span: Math.max(10, planned, seconds)
  }
}
