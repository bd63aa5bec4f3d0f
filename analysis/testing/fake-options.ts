import type { MessageKind } from '../../protocol/names'
import type { Library } from '../../protocol/peer-results'

export interface FakeOptions {
  id?: string
  /** Determines delays and phases. */
  seed?: number
  peers?: number
  runners?: number
  /** Seconds. */
  duration?: number
  warmup?: number
  /** Seconds between data points. */
  interval?: number
  /** Messages per second and peer. */
  rates?: Record<MessageKind, number>
  /** Share of arrivals that are lost: exactly this share of each kind, rounded down. */
  loss?: number
  /** ms from sending to the first arrival. Default: 20 ms plus a random part that averages 10 ms. */
  delay?: number | (() => number)
  /** Duplicate arrivals per first arrival: exactly this share of each kind, rounded down. */
  duplication?: number
  /** Number of unconnected parts that the mesh is split into. */
  parts?: number
  /** Share of the owed messages that the routine sends. */
  sending?: number
  /** ms from the time at which the routine owes a message (`due`, in ms since the start) until it is sent. */
  sendLateness?: (peer: number, due: number) => number
  /** Simulates clients that do not report latencies from the due times. */
  withoutDue?: boolean
  /** Remaining error of each peer's clock after correction, in ms. */
  clockSkew?: (peer: number) => number
  /** The error that each peer reports for its clock, in ms. */
  clockError?: (peer: number) => number
  /** When a peer is present, in seconds since the start. Default: from before the start until the end. */
  presence?: (peer: number) => { joined?: number; left?: number }
  /** The second in which a peer dies: it sends no later data points and no final results. */
  killed?: (peer: number) => number | undefined
  /** Lateness of every tick, in ms. */
  tickLateness?: (peer: number) => number
  /** Share of the runner's cores that are busy. */
  cpuUsage?: number
  throttled?: number
  lostRunners?: number[]
  /** Outages that the network is reported to have, in ms since the start. */
  outages?: { from: number; until?: number }[]
  library?: Partial<Library>
  labels?: Record<string, string>
  thresholds?: string[]
  expectedPeers?: number
  /** A running test has data points, but neither final results nor a summary. */
  state?: 'running' | 'finished'
  /** Simulates clients without our metrics: they report only the library's stats. */
  olderClients?: boolean
}

export const START = Date.UTC(2026, 0, 5, 12)

export const DEFAULTS = {
  id: 'fake',
  seed: 1,
  peers: 10,
  runners: 1,
  duration: 20,
  warmup: 5,
  interval: 1,
  rates: { position: 10, profile: 0.5, chat: 0.2 },
  loss: 0,
  duplication: 0,
  parts: 1,
  sending: 1,
  sendLateness: () => 0,
  withoutDue: false,
  clockSkew: () => 0,
  clockError: () => 0.2,
  presence: () => ({}),
  killed: () => undefined,
  tickLateness: () => 1,
  cpuUsage: 0.4,
  throttled: 0,
  lostRunners: [],
  outages: [],
  library: {},
  labels: {},
  thresholds: [],
  state: 'finished',
  olderClients: false
} satisfies FakeOptions
export type FullOptions = FakeOptions & Required<Omit<FakeOptions, 'delay' | 'expectedPeers'>>
