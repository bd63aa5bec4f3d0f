import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'

/** What the validity rules need to know about one peer. */
export interface PeerFacts {
  id: string
  /** Whether it submitted its final results. */
  done: boolean
  dataPoints: number
  /** When its last data point ended, and when its data should end; in ms of the server's clock. */
  lastSeen: number | undefined
  leaves: number
  /** How long it was present in the measured time, in ms. */
  presentMs: number
  sent: number
  /** Messages that its routine owed; undefined if only final results would include the number. */
  nominal: number | undefined
  received: number
  packetsReceived: number
  openConnections: number
  /** In ms; null if only final results would include it. */
  latenessP95: number | null
  /** Lower bound on its share of late ticks, as proven by its data points. */
  lateTicksProven: number
  /** ms. */
  latenessMax: number
  /** Longest time without a data point within the measured time, in ms. */
  longestGap: number
}

export interface RunnerFacts {
  id: string
  lost: boolean
  peers: number
  /** Mean over the measured time, 0 to 1; null without a sample in it. */
  usage: number | null
  /** The part of `usage` due to the browser's processes. */
  browserUsage: number | null
  throttled: number | null
  crashedTabs: number
  errors: readonly string[]
}

/** Everything the validity rules check. */
export interface Facts {
  state: TestState
  summary: Omit<Summary, 'verdict' | 'reasons' | 'thresholds'>
  peers: readonly PeerFacts[]
  runners: readonly RunnerFacts[]
  /** The largest number of peers present at once. */
  peakPeers: number
  /** The typical time between two data points of a peer, in ms; undefined without data points. */
  interval: number | undefined
  /** The latest time that any of the data refers to. */
  now: number
  /** Share of the measured time in which the mesh had more components than expected. */
  splitShare: number
  /** Peers whose final results or data points could not be read. */
  unreadable: readonly string[]
}
