/** What the validity rules need to know about a test, its peers and its runners, and what they find. */
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { Cause, Reason, Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import { sum } from '../distribution'
import { counted } from '../format'
import { overlap, type Presence } from '../presence'
import type { Window } from '../summary/collect/measured-time'
import { merge } from '../summary/collect/lazy-histogram'
import { hearsUntil, type PeerRecord } from '../summary/collect/peer-record'
import type { RunnerRecord } from '../summary/metrics/machine'

export type PeerFacts = ReturnType<typeof peerFacts>
export type RunnerFacts = ReturnType<typeof runnerFacts>[number]

export interface Facts {
  state: TestState
  summary: Omit<Summary, 'verdict' | 'reasons' | 'thresholds'>
  peers: readonly PeerFacts[]
  runners: readonly RunnerFacts[]
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

export interface Rule {
  name: string
  /** Whether a build of the library can break the rule, or only the machine and the setup. */
  cause: Cause
  check: (facts: Facts) => Finding | readonly Finding[] | undefined
}

export const rule = (name: string, cause: Cause, check: Rule['check']): Rule => ({ name, cause, check })

export interface Finding extends Omit<Reason, 'rule' | 'cause'> {
  /** Set if the cause differs from the rule's usual cause. */
  cause?: Cause
}

export function peerFacts(peer: PeerRecord, presence: Presence, window: Window) {
  const { finalResults, account } = peer
  const total = (field: 'sent' | 'received') =>
    sum(MESSAGE_KINDS.map((kind) => account.messages[kind][field]))
  const ticks = new Histogram()
  if (finalResults) merge(ticks, finalResults.ticks.lateness)
  return {
    id: peer.id,
    done: finalResults !== undefined,
    dataPoints: peer.points,
    /** When its last data point ended, and when its data should end; in ms of the server's clock. */
    lastSeen: peer.seen?.left,
    leaves: finalResults ? hearsUntil(finalResults) : window.until,
    presentMs: overlap(presence, window.from, window.until),
    sent: total('sent'),
    /** Messages that its routine owed; undefined if only final results would include the number. */
    nominal: finalResults && sum(MESSAGE_KINDS.map((kind) => finalResults.nominal[kind])),
    received: total('received'),
    packetsReceived: account.wire.received,
    openConnections: account.connections?.open ?? 0,
    /** In ms; null if only final results would include it. */
    latenessP95: ticks.count > 0 ? ticks.percentile(95) / 1000 : null,
    /** Lower bound on its share of late ticks, as proven by its data points. */
    lateTicksProven: peer.ticks > 0 ? peer.lateTicksProven / peer.ticks : 0,
    /** In ms. */
    latenessMax: ticks.count > 0 ? ticks.max / 1000 : peer.maxLateness,
    /** Without a data point in the measured time, in ms. */
    longestGap: peer.longestGap
  }
}

/** Covers all runners that the state lists or that sent samples. */
export function runnerFacts(state: TestState, records: ReadonlyMap<string, RunnerRecord>) {
  const states = new Map(state.runners.map((runner) => [runner.id, runner]))
  return [...new Set([...states.keys(), ...records.keys()])].map((id) => {
    const told = states.get(id)
    const record = records.get(id)
    return {
      id,
      lost: told?.lost ?? false,
      peers: record?.peers ?? told?.peers.wanted ?? 0,
      usage: record?.mean('usage') ?? null,
      browserUsage: record?.mean('browserUsage') ?? null,
      throttled: record?.mean('throttled') ?? null,
      crashedTabs: record?.crashedTabs ?? 0,
      crash: record?.crash,
      disturbance: record?.disturbance,
      errors: record?.errors ?? []
    }
  })
}

const NAMED_AT_MOST = 3

/** Undefined if no peer breaks the rule. `describe` gets `peer a`, or `3 peers (a, b, c)`, ids shortened. */
export function findingOn(
  peers: readonly PeerFacts[],
  describe: (named: string) => Finding
): Finding | undefined {
  if (peers.length === 0) return undefined
  if (peers.length === 1) return { subject: peers[0]!.id, ...describe(`peer ${peers[0]!.id}`) }
  const ids = peers.slice(0, NAMED_AT_MOST).map(({ id }) => shortened(id))
  const more = peers.length > NAMED_AT_MOST ? ', …' : ''
  return describe(`${counted(peers.length, 'peer')} (${ids.join(', ')}${more})`)
}

const shortened = (id: string): string => (id.length <= 14 ? id : `${id.slice(0, 6)}…${id.slice(-4)}`)
