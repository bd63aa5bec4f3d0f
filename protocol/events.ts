/** The server-sent events of `GET /test/:testId/events`: their names and the types of their data. */
import type { DataPoint } from './data-point'
import type { StoredSample } from './results-document'
import type { Reason } from './summary'
import type { TestState } from './test-life'
import type { Topology } from './topology'

/** A data point in the stream: only what a chart needs. */
export interface PointEvent extends DataPoint {
  /** In a large test, a point adds up so many of a group with so many peers; `peerId` names the group. */
  crowd?: { points: number; peers: number }
}

export interface TestEvents {
  /** Sent at the beginning of the stream and at every change. */
  state: TestState
  /** Data points in order of arrival, several at a time. */
  points: PointEvent[]
  runner: StoredSample
  topology: Topology
  /** All validity reasons that hold, once they are known and whenever they change. */
  reasons: Reason[]
}
export type TestEventName = keyof TestEvents
