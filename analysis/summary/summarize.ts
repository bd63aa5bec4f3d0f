import { Histogram } from '../../protocol/histogram'
import type { DataPoint } from '../../protocol/data-point'
import { MESSAGE_KINDS, SUMMARY_VERSION } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument, StoredSample } from '../../protocol/results-document'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import type { Topology } from '../../protocol/topology'
import { measuredTime, type Window } from './collect/measured-time'
import { hearsUntil, PeerRecord } from './collect/peer-record'
import { distributionOf, sum } from '../distribution'
import { IntervalTallies, LinkTally, outageMetrics, plannedOutages } from './metrics/outages'
import { machineMetrics, RunnerRecord } from './metrics/machine'
import { meantGroups, meshSummary } from '../mesh/mesh-timeline'
import { messageMetrics, type Participant } from './metrics/messages'
import * as ofPeers from './metrics/peers'
import { overlap, PresenceTimeline, type Presence } from '../presence'
import { provenanceOf } from './metrics/provenance'
import { evaluateThresholds } from '../thresholds'
import { peerFacts, runnerFacts, type Facts } from '../validity/facts'
import { VALIDITY } from '../validity/limits'
import { reasonsOf } from '../validity/rules'

/** A page that starts to report no later than this, in ms, counts as present from the start of the test. */
const LATE_START_MS = 500

/** The summary of a whole results document. Its lists may be in any order. */
export function summarize(document: ResultsDocument): Summary {
  const builder = new SummaryBuilder(document)
  for (const [peerId, results] of Object.entries(document.peerResults))
    builder.addPeerResults(peerId, results)
  const samples = [...document.runnerSamples].sort(
    (a, b) => a.timestamp - b.timestamp || a.sequence - b.sequence
  )
  for (const sample of samples) builder.addRunnerSample(sample)
  for (const topology of document.topologies) builder.addTopology(topology)
  const points = [...document.dataPoints].sort((a, b) => a.sequence - b.sequence)
  for (const point of points) builder.addPoint(point)
  return builder.build()
}

/**
 * Takes a test's data piece by piece and builds its summary at any time. Add each peer's points once and in
 * order; otherwise the order of calls does not matter, although final results before points save work.
 */
export class SummaryBuilder {
  private readonly peers = new Map<string, PeerRecord>()
  private readonly runners = new Map<string, RunnerRecord>()
  /** Lengths of the points' intervals, in ms. */
  private readonly intervals = new Histogram()
  private readonly tallies = new IntervalTallies()
  private readonly linkTally = new LinkTally()
  private readonly heard = new ofPeers.HeardTally()
  private lastTopology: Topology | undefined
  private now = 0

  constructor(private state: TestState) {}

  /** Call it at each change. Points from before the start do not count, so start before you add points. */
  setState(state: TestState): void {
    this.state = state
  }

  addPoint(point: DataPoint): void {
    const counts = this.peer(point.peerId).addPoint(point, this.measured)
    const { interval } = point.metrics
    if (interval) {
      this.intervals.record(interval.until - interval.from)
      this.tallies.add(interval, point.metrics, this.state.startsAt ?? 0)
      if (counts) this.linkTally.add(point.metrics)
    }
    this.now = Math.max(this.now, point.timestamp)
  }

  addPeerResults(peerId: string, results: PeerResults): void {
    this.peer(peerId).setFinalResults(results)
    this.heard.add(results.heard)
  }

  addRunnerSample(sample: StoredSample): void {
    const runner = this.runners.get(sample.runnerId) ?? new RunnerRecord(sample.runnerId)
    this.runners.set(runner.id, runner)
    runner.addSample(sample, this.measured)
    this.now = Math.max(this.now, sample.timestamp)
  }

  addTopology(topology: Topology): void {
    if (!this.lastTopology || topology.at >= this.lastTopology.at) this.lastTopology = topology
  }

  build(): Summary {
    const facts = this.facts()
    const reasons = reasonsOf(facts)
    const verdict = reasons.length === 0 ? 'valid' : 'void'
    const summary: Summary = { ...facts.summary, verdict, reasons, thresholds: [] }
    return { ...summary, thresholds: evaluateThresholds(summary, this.state.thresholds) }
  }

  private facts(): Facts {
    const unreadable = new Set<string>()
    const window = this.window()
    const peers = this.peerList()
    const presences = peers.map((peer) => this.presenceOf(peer, window))
    const peakPeers = new PresenceTimeline(presences).maxIn(this.state.startsAt ?? 0, window.until)
    const mesh = this.mesh(window)
    const runners = [...this.runners.values()]
    const allResults = peers.flatMap(({ finalResults }) => finalResults ?? [])
    const seconds = (window.until - window.from) / 1000
    const participants = peers.flatMap((peer) => participantOf(peer, peakPeers) ?? [])
    const peerSeconds =
      sum(participants.map(({ presence }) => overlap(presence, window.from, window.until))) / 1000
    const { metrics: messages, owed } = messageMetrics(participants, window, unreadable)
    const summary: Facts['summary'] = {
      version: SUMMARY_VERSION,
      testId: this.state.id,
      measured: { ...window, seconds },
      peers: {
        expected: this.state.expectedPeers ?? null,
        reporting: peers.length,
        done: allResults.length,
        peerSeconds
      },
      ...messages,
      latency: ofPeers.latencies(peers, unreadable),
      latencyOwed: ofPeers.latenciesOwed(peers, owed, unreadable),
      latencyClockError: ofPeers.latencyClockError(peers),
      negativeLatencies: sum(
        allResults.flatMap((own) => MESSAGE_KINDS.map((kind) => own.messages[kind].negativeLatencies))
      ),
      integrity: ofPeers.integrity(peers, this.heard),
      hops: ofPeers.hops(peers),
      sendErrors: sum(peers.map(({ account }) => account.sendErrors)),
      wire: ofPeers.wire(peers, messages.received.all, peerSeconds),
      library: ofPeers.libraryRates(peers),
      ...ofPeers.pageTotals(peers, peerSeconds),
      connection: ofPeers.connectionTimes(peers),
      mesh: mesh.metrics,
      links: this.linkTally.metrics(this.tallies, window),
      outages: outageMetrics(plannedOutages(runners, this.state), this.tallies, presences, window),
      ticks: { lateness: ofPeers.tickLateness(peers, unreadable) },
      clock: {
        error: distributionOf(peers.flatMap(({ account }) => account.clock?.error ?? [])),
        driftPpm: distributionOf(allResults.map(({ clock }) => Math.abs(clock.driftPpm)))
      },
      machine: machineMetrics(runners, window, { peerSeconds, delivered: messages.received.all }),
      startSkew: ofPeers.startSkew(peers, this.state.startsAt),
      provenance: provenanceOf(this.state, peers, runners, mesh.links)
    }
    return {
      state: this.state,
      summary,
      peers: peers.map((peer) => peerFacts(peer, this.presenceOf(peer, window), window)),
      runners: runnerFacts(this.state, this.runners),
      peakPeers,
      interval: this.interval,
      now: this.now,
      splitShare: mesh.splitShare,
      unreadable: [...unreadable]
    }
  }

  private window(): Window {
    const { state, measured } = this
    if (!Number.isFinite(measured.from)) return { from: state.createdAt, until: state.createdAt }
    const resultsEnds = this.peerList().flatMap((peer) =>
      peer.finalResults ? hearsUntil(peer.finalResults) : []
    )
    const pointEnds = this.peerList().flatMap(({ counted }) => counted?.left ?? [])
    const ends =
      state.state === 'finished' && resultsEnds.length > 0 ? resultsEnds : [...resultsEnds, ...pointEnds]
    const end = ends.reduce((latest, each) => Math.max(latest, each), measured.from)
    return { from: measured.from, until: Math.max(measured.from, Math.min(end, measured.until)) }
  }

  private mesh(window: Window) {
    return meshSummary({
      peers: this.peerList().map((peer) => {
        const group = peer.finalResults?.group ?? peer.group
        const presence = this.presenceOf(peer, window)
        return { id: peer.id, presence, links: peer.links, group, relayed: peer.library.relayed }
      }),
      startsAt: this.state.startsAt ?? window.from,
      from: window.from,
      until: window.until,
      snapshot:
        this.lastTopology &&
        new Map(this.lastTopology.nodes.map(({ id, connectedPeers }) => [id, connectedPeers]))
    })
  }

  /**
   * From a peer's final results or otherwise its data points: since the start if it has reported since then,
   * and until now while the test runs, because its next point is still to come, unless it has fallen silent.
   */
  private presenceOf({ finalResults, seen }: PeerRecord, { until }: Window): Presence {
    if (finalResults) return finalResults.presence
    const { joined, left } = seen!
    const startsAt = this.state.startsAt ?? Infinity
    const silentAfter = left + VALIDITY.missedIntervals * (this.interval ?? 0)
    const isStillThere = this.state.state === 'running' && until <= silentAfter
    return {
      joined: Math.abs(joined - startsAt) <= LATE_START_MS ? startsAt : joined,
      left: isStillThere ? Math.max(left, until) : left
    }
  }

  private get measured(): Window {
    return measuredTime(this.state)
  }

  /** The typical time between two data points of a peer, in ms. */
  private get interval(): number | undefined {
    return this.intervals.count > 0 ? this.intervals.percentile(50) : undefined
  }

  private peer(id: string): PeerRecord {
    const peer = this.peers.get(id) ?? new PeerRecord(id)
    this.peers.set(id, peer)
    return peer
  }

  private peerList(): PeerRecord[] {
    return [...this.peers.values()]
  }
}

/** From its final results, or otherwise its points' counts; undefined if neither counts messages. */
function participantOf(peer: PeerRecord, peakPeers: number): Participant | undefined {
  const { id, finalResults, counted, hasLedger, account } = peer
  // A test that fits into one group is one room, whatever its groups are called.
  const room = meantGroups(peakPeers) > 1 ? (finalResults?.group ?? peer.group ?? '') : ''
  const presence = finalResults
    ? { joined: finalResults.presence.joined, left: hearsUntil(finalResults) }
    : hasLedger && counted
  if (!presence) return undefined
  return { id, room, presence, timesOrigin: finalResults?.measured.from ?? 0, kinds: account.messages }
}
