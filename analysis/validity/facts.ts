import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test'

/** One peer, as far as the rules of validity ask. */
export interface PeerFacts {
  id: string
  /** Handed in its final account. */
  done: boolean
  dataPoints: number
  /** When its last data point ended, and when it was to end; ms of the server's clock. */
  lastSeen: number | undefined
  leaves: number
  /** ms it was present in the measured time. */
  presentMs: number
  sent: number
  /** Messages that its routine owed; undefined where only an account could tell. */
  nominal: number | undefined
  received: number
  packetsReceived: number
  openConnections: number
  /** ms; null where only an account could tell. */
  latenessP95: number | null
  /** At least this share of its ticks was later than the limit: what its data points prove. */
  lateTicksProven: number
  /** ms. */
  latenessMax: number
  /** ms without a data point, at the longest, within the measured time. */
  longestGap: number
}

export interface RunnerFacts {
  id: string
  lost: boolean
  peers: number
  /** Mean over the measured time, 0 to 1; null where no sample fell into it. */
  usage: number | null
  /** The part of it that the browser's processes had. */
  browserUsage: number | null
  throttled: number | null
  crashedTabs: number
  errors: readonly string[]
}

/** All that the rules of validity look at. */
export interface Facts {
  state: TestState
  summary: Omit<Summary, 'verdict' | 'reasons' | 'thresholds'>
  peers: readonly PeerFacts[]
  runners: readonly RunnerFacts[]
  /** The most peers that were present at once. */
  peakPeers: number
  /** The usual time between two data points of a peer, ms; undefined where there are none. */
  interval: number | undefined
  /** The newest instant that any datum speaks of. */
  now: number
  /** Share of the measured time in which the mesh was in more components than meant. */
  splitShare: number
  /** Peers whose account or points could not be read. */
  unreadable: readonly string[]
}
