/** From what the peers and runners told to the summary of a test. */
import { Histogram } from '../protocol/histogram'
import type { DataPoint } from '../protocol/metrics'
import { MESSAGE_KINDS, SUMMARY_VERSION } from '../protocol/names'
import type { PeerResults } from '../protocol/peer-results'
import type { StoredSample } from '../protocol/results-document'
import type { Summary } from '../protocol/summary'
import type { TestState } from '../protocol/test'
import type { Topology } from '../protocol/topology'
import { MeasuredTime, type Window } from './collect/measured-time'
import { hearsUntil, PeerRecord } from './collect/peer-record'
import { RunnerRecord } from './collect/runner-record'
import { distributionOf, sum } from './distribution'
import { latencyClockError } from './metrics/clocks'
import { machineMetrics } from './metrics/machine'
import type { Graph } from './mesh/graph'
import { meshSummary, type MeshResult } from './mesh/mesh-summary'
import { meantGroups } from './mesh/mesh-timeline'
import { messageMetrics, type Participant } from './metrics/messages'
import { hops, latencies, libraryRates, startSkew, tickLateness, wire } from './metrics/peers'
import { overlap, PresenceTimeline, type Presence } from './presence'
import { provenanceOf } from './metrics/provenance'
import { evaluateThresholds } from './thresholds'
import type { Facts } from './validity/facts'
import { peerFacts, runnerFacts } from './validity/gather'
import { VALIDITY } from './validity/limits'
import { reasonsOf } from './validity/rules'

type Measures = Facts['summary']

/** A page that begins to report so much later, in ms, has begun with the test. */
const LATE_START_MS = 500

/**
 * Takes a test's data one by one and makes its summary at any time. It keeps a record per peer and runner, which does not grow with the
 * number of data points. Each peer's points must come once and in their order; that apart, the order of calls makes no
 * difference, but accounts that come before their peers' points save work.
 */
export class SummaryBuilder {
  private readonly peers = new Map<string, PeerRecord>()
  private readonly runners = new Map<string, RunnerRecord>()
  /** Lengths of the points' intervals in ms. */
  private readonly intervals = new Histogram()
  private measured: MeasuredTime
  private lastTopology: Topology | undefined
  private now = 0

  constructor(private state: TestState) {
    this.measured = new MeasuredTime(state)
  }

  /** Call it whenever the state has changed. Points from before the start count for nothing, so start before adding points. */
  setState(state: TestState): void {
    this.state = state
    this.measured = new MeasuredTime(state)
  }

  addPoint(point: DataPoint): void {
    this.peer(point.peerId).addPoint(point, this.measured, VALIDITY.tickLatenessP95)
    const { interval } = point.metrics
    if (interval) this.intervals.record(interval.until - interval.from)
    this.now = Math.max(this.now, point.timestamp)
  }

  addPeerResults(peerId: string, results: PeerResults): void {
    this.peer(peerId).setAccount(results)
  }

  addRunnerSample(sample: StoredSample): void {
    let runner = this.runners.get(sample.runnerId)
    if (!runner) this.runners.set(sample.runnerId, (runner = new RunnerRecord(sample.runnerId)))
    runner.addSample(sample, this.measured)
    this.now = Math.max(this.now, sample.timestamp)
  }

  addTopology(topology: Topology): void {
    if (!this.lastTopology || topology.at >= this.lastTopology.at) this.lastTopology = topology
  }

  /** The summary as far as it is known: final once the test is finished. */
  build(): Summary {
    const facts = this.facts()
    const reasons = reasonsOf(facts)
    const summary: Summary = {
      ...facts.summary,
      verdict: reasons.length === 0 ? 'valid' : 'void',
      reasons,
      thresholds: []
    }
    return { ...summary, thresholds: evaluateThresholds(summary, this.state.thresholds) }
  }

  private facts(): Facts {
    const unreadable = new Set<string>()
    const window = this.window()
    const presences = this.peerList().flatMap((peer) => this.presenceOf(peer, window) ?? [])
    const peakPeers = new PresenceTimeline(presences).maxIn(this.state.startsAt ?? 0, window.until)
    const mesh = this.mesh(window)
    return {
      state: this.state,
      summary: this.measures(window, mesh, peakPeers, unreadable),
      peers: this.peerList().map((peer) =>
        peerFacts(peer, this.presenceOf(peer, window), window, unreadable)
      ),
      runners: runnerFacts(this.state, this.runners),
      peakPeers,
      interval: this.interval,
      now: this.now,
      splitShare: mesh.splitShare,
      unreadable: [...unreadable]
    }
  }

  private measures(window: Window, mesh: MeshResult, peakPeers: number, unreadable: Set<string>): Measures {
    const peers = this.peerList()
    const accounts = peers.flatMap(({ account }) => account ?? [])
    const seconds = (window.until - window.from) / 1000
    const participants = peers.flatMap((peer) => participantOf(peer, peakPeers) ?? [])
    const peerSeconds =
      sum(participants.map(({ presence }) => overlap(presence, window.from, window.until))) / 1000
    const messages = messageMetrics(participants, window.from, window.until, (id) => unreadable.add(id))
    return {
      version: SUMMARY_VERSION,
      testId: this.state.id,
      measured: { ...window, seconds },
      peers: {
        expected: this.state.expectedPeers ?? null,
        reporting: peers.length,
        done: accounts.length,
        peerSeconds
      },
      ...messages,
      latency: latencies(peers, unreadable),
      latencyClockError: latencyClockError(peers),
      negativeLatencies: sum(
        accounts.flatMap((account) => MESSAGE_KINDS.map((kind) => account.messages[kind].negativeLatencies))
      ),
      hops: hops(peers),
      sendErrors: sum(peers.map(({ account, sendErrors }) => account?.sendErrors ?? sendErrors)),
      wire: wire(peers, messages.received.all, peerSeconds),
      library: libraryRates(peers),
      connection: {
        socket: distributionOf(accounts.flatMap((account) => account.connectionTimes.socket ?? [])),
        joined: distributionOf(accounts.flatMap((account) => account.connectionTimes.joined ?? [])),
        first: distributionOf(accounts.flatMap((account) => account.connectionTimes.firstConnection ?? [])),
        fourth: distributionOf(accounts.flatMap((account) => account.connectionTimes.fourthConnection ?? []))
      },
      mesh: mesh.metrics,
      ticks: { lateness: tickLateness(peers, unreadable) },
      clock: {
        error: distributionOf(peers.flatMap(({ account, clock }) => (account?.clock ?? clock)?.error ?? [])),
        driftPpm: distributionOf(accounts.map((account) => Math.abs(account.clock.driftPpm)))
      },
      machine: machineMetrics([...this.runners.values()], {
        seconds,
        peerSeconds,
        delivered: messages.received.all
      }),
      startSkew: startSkew(peers, this.state.startsAt),
      provenance: provenanceOf(this.state, peers, [...this.runners.values()], mesh.links)
    }
  }

  /** The measured time so far. */
  private window(): Window {
    const { state, measured } = this
    if (!Number.isFinite(measured.from)) return { from: state.createdAt, until: state.createdAt }
    const accountEnds = this.peerList().flatMap((peer) => (peer.account ? hearsUntil(peer.account) : []))
    const pointEnds = this.peerList().flatMap(({ counted }) => counted?.left ?? [])
    const ends =
      state.state === 'finished' && accountEnds.length > 0 ? accountEnds : [...accountEnds, ...pointEnds]
    const end = ends.reduce((latest, each) => Math.max(latest, each), measured.from)
    return { from: measured.from, until: Math.max(measured.from, Math.min(end, measured.plannedEnd)) }
  }

  private mesh(window: Window): MeshResult {
    return meshSummary({
      peers: this.peerList().flatMap((peer) => {
        const presence = this.presenceOf(peer, window)
        if (!presence) return []
        const group = peer.account?.group ?? peer.group
        return [{ id: peer.id, presence, links: peer.links, group, relayed: peer.library.relayed }]
      }),
      startsAt: this.state.startsAt ?? window.from,
      from: window.from,
      until: window.until,
      snapshot: this.snapshot()
    })
  }

  private snapshot(): Graph | undefined {
    return (
      this.lastTopology &&
      new Map(this.lastTopology.nodes.map(({ id, connectedPeers }) => [id, connectedPeers]))
    )
  }

  /**
   * When a peer was there, by its account, else by its points: from the start if it reported from then on, and while the test runs
   * until now, unless it has fallen silent: its next point is still to come.
   */
  private presenceOf({ account, seen }: PeerRecord, { until }: Window): Presence | undefined {
    if (account) return account.presence
    if (!seen) return undefined
    const startsAt = this.state.startsAt ?? Infinity
    const silentAfter = seen.left + VALIDITY.missedIntervals * (this.interval ?? 0)
    const isStillThere = this.state.state === 'running' && until <= silentAfter
    return {
      joined: Math.abs(seen.joined - startsAt) <= LATE_START_MS ? startsAt : seen.joined,
      left: isStillThere ? Math.max(seen.left, until) : seen.left
    }
  }

  /** The usual time between two data points of a peer, in ms. */
  private get interval(): number | undefined {
    return this.intervals.count > 0 ? this.intervals.percentile(50) : undefined
  }

  private peer(id: string): PeerRecord {
    let peer = this.peers.get(id)
    if (!peer) this.peers.set(id, (peer = new PeerRecord(id)))
    return peer
  }

  private peerList(): PeerRecord[] {
    return [...this.peers.values()]
  }
}

/** By its account, else by its points' counts; undefined where neither counts messages. */
function participantOf(peer: PeerRecord, peakPeers: number): Participant | undefined {
  const { id, account, counted, hasLedger, tallies } = peer
  // A test that fits into one group is one room, whatever the groups were called in the course of it.
  const room = meantGroups(peakPeers) > 1 ? (account?.group ?? peer.group ?? '') : ''
  if (account) {
    return {
      id,
      room,
      presence: { joined: account.presence.joined, left: hearsUntil(account) },
      timesOrigin: account.measured.from,
      kinds: account.messages
    }
  }
  if (!hasLedger || !counted) return undefined
  return { id, room, presence: counted, timesOrigin: 0, kinds: tallies }
}
