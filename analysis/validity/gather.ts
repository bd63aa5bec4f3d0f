/** Collects the facts about peers and runners that the rules need. */
import { Histogram } from '../../protocol/histogram'
import { MESSAGE_KINDS } from '../../protocol/names'
import type { TestState } from '../../protocol/test-life'
import type { Window } from '../summary/collect/measured-time'
import { merge } from '../summary/collect/merge'
import { hearsUntil, type PeerRecord } from '../summary/collect/peer-record'
import type { RunnerRecord } from '../summary/collect/runner-record'
import { sum } from '../distribution'
import { overlap, type Presence } from '../presence'
import type { PeerFacts, RunnerFacts } from './facts'

export function peerFacts(
  peer: PeerRecord,
  presence: Presence | undefined,
  window: Window,
  unreadable: Set<string>
): PeerFacts {
  const { finalResults } = peer
  const counts = finalResults?.messages ?? peer.tallies
  const total = (field: 'sent' | 'received') => sum(MESSAGE_KINDS.map((kind) => counts[kind][field]))
  const ticks = new Histogram()
  if (finalResults) merge(ticks, finalResults.ticks.lateness, peer.id, unreadable)
  return {
    id: peer.id,
    done: finalResults !== undefined,
    dataPoints: peer.points,
    lastSeen: peer.seen?.left,
    leaves: finalResults ? hearsUntil(finalResults) : window.until,
    presentMs: presence ? overlap(presence, window.from, window.until) : 0,
    sent: total('sent'),
    nominal: finalResults && sum(MESSAGE_KINDS.map((kind) => finalResults.nominal[kind])),
    received: total('received'),
    packetsReceived: (finalResults?.wire ?? peer.wire).received,
    openConnections: finalResults?.connections.open ?? peer.openConnections ?? 0,
    latenessP95: ticks.count > 0 ? ticks.percentile(95) / 1000 : null,
    lateTicksProven: peer.ticks > 0 ? peer.lateTicksProven / peer.ticks : 0,
    latenessMax: ticks.count > 0 ? ticks.max / 1000 : peer.maxLateness,
    longestGap: peer.longestGap
  }
}

/** Covers all runners that the state lists or that sent samples. */
export function runnerFacts(state: TestState, records: ReadonlyMap<string, RunnerRecord>): RunnerFacts[] {
  const states = new Map(state.runners.map((runner) => [runner.id, runner]))
  return [...new Set([...states.keys(), ...records.keys()])].map((id) => {
    const record = records.get(id)
    return {
      id,
      lost: states.get(id)?.lost ?? false,
      peers: record?.peers ?? states.get(id)?.peers.wanted ?? 0,
      usage: record?.usage ?? null,
      browserUsage: record?.browserUsage ?? null,
      throttled: record?.throttled ?? null,
      crashedTabs: record?.crashedTabs ?? 0,
      errors: record?.errors ?? []
    }
  })
}
