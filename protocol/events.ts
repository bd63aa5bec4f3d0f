/** What `GET /test/:testId/events` streams: server-sent events of these names, each with one of these as its data. */
import type { Metrics } from './metrics'
import type { StoredSample } from './results-document'
import type { Reason } from './summary'
import type { TestState } from './test'
import type { Topology } from './topology'

/** A data point's event: what a chart needs. */
export interface PointEvent {
  peerId: string
  sequence: number
  timestamp: number
  metrics: Metrics
}

export interface TestEvents {
  /** At the beginning of the stream and whenever it changes. */
  state: TestState
  /** Data points in the order of their arrival, some at a time. */
  points: PointEvent[]
  runner: StoredSample
  topology: Topology
  /** Validity reasons as they arise. */
  reasons: Reason[]
}
export type TestEventName = keyof TestEvents
