import type { MessageKind } from '../../protocol/names'
import type { Library } from '../../protocol/peer-results'

export interface FakeOptions {
  id?: string
  /** Decides delays and phases. */
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
  /** Share of the arrivals that get lost: exactly this share of each kind, rounded down. */
  loss?: number
  /** ms from sending to the first arrival; by default 20 ms and a random part of 10 ms on average. */
  delay?: number | (() => number)
  /** Later arrivals per first one: exactly this share of each kind, rounded down. */
  duplication?: number
  /** Into how many parts, without a link between them, the mesh is split. */
  parts?: number
  /** Share of what the routine owes that is sent. */
  sending?: number
  /** What remains wrong of each peer's clock after its correction, in ms. */
  clockSkew?: (peer: number) => number
  /** The error that each peer states for its clock, in ms. */
  clockError?: (peer: number) => number
  /** When a peer is there, in seconds since the start; by default from before the start until the end. */
  presence?: (peer: number) => { joined?: number; left?: number }
  /** The second in which a peer dies: no later data point, no account. */
  killed?: (peer: number) => number | undefined
  /** ms of tick lateness: each tick's. */
  tickLateness?: (peer: number) => number
  /** Share of the runner's cores that is busy. */
  cpuUsage?: number
  throttled?: number
  lostRunners?: number[]
  library?: Partial<Library>
  labels?: Record<string, string>
  thresholds?: string[]
  expectedPeers?: number
  /** A test that still runs has data points, but neither accounts nor summary. */
  state?: 'running' | 'finished'
  /** Clients that know nothing of ours: the library's stats alone. */
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
  clockSkew: () => 0,
  clockError: () => 0.2,
  presence: () => ({}),
  killed: () => undefined,
  tickLateness: () => 1,
  cpuUsage: 0.4,
  throttled: 0,
  lostRunners: [],
  library: {},
  labels: {},
  thresholds: [],
  state: 'finished',
  olderClients: false
} satisfies FakeOptions
export type FullOptions = FakeOptions & Required<Omit<FakeOptions, 'delay' | 'expectedPeers'>>
