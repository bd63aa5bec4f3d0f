/** All that a page knows of a test, from events, its document, or both: what arrives twice counts once. */
import { printableTexts } from '../../cli/printable'
import type { PointEvent } from '../../protocol/events'
import { forEachKind, MESSAGE_KINDS, type MessageKind } from '../../protocol/names'
import type { PeerResults } from '../../protocol/peer-results'
import type { ResultsDocument, StoredSample } from '../../protocol/results-document'
import { SequenceSet } from '../../protocol/sequence-set'
import type { Reason, Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import type { Topology } from '../../protocol/topology'
import {
  add,
  addToPeer,
  addToTotals,
  peerColumns,
  raise,
  totalColumns,
  type PeerColumns,
  type TotalColumns
} from './columns'
import { readDocument } from './document-stream'
import { addEncoded, BINS, percentilesOf } from './latency-bins'
import { MeshHistory } from './mesh-history'
import { TimeGrid } from './time-grid'

/** Peers beyond this number count in the totals but have no charts of their own: each needs 70 KB. */
const PEERS_IN_DETAIL = 1000
/** A running test is silent after this long (ms), and after three of its intervals. */
const SILENCE = 15_000
/** Maximum number of error texts kept: a broken page can send one per second for hours. */
const ERRORS_KEPT = 200
/** Clients submit every 2 s by default. Used if a data point does not say which interval it covers. */
const DEFAULT_INTERVAL = 2000
/** A data point that claims to cover more than this (ms) is wrong. */
const LONGEST_INTERVAL = 600_000

export interface Timeline {
  grid: TimeGrid
  totals: TotalColumns
  /** {@link BINS} counts per bucket. */
  latency: Record<MessageKind, Uint32Array>
}

export interface PeerRecord {
  id: string
  group: string | undefined
  lastUntil: number
  sequences: SequenceSet
  columns: PeerColumns | undefined
  /** Of a group. */
  size: number
}

export interface RunnerRecord {
  last: StoredSample
  sequences: SequenceSet
  /** Share of the cores × ms, and ms sampled. Undefined before the test's start, which is not drawn. */
  columns: Record<'cpu' | 'coverage', Float32Array> | undefined
}

export class TestModel {
  state: TestState | undefined
  summary: Summary | undefined
  timeline: Timeline | undefined
  /** All that hold now. */
  reasons: readonly Reason[] = []
  readonly peers = new Map<string, PeerRecord>()
  readonly runners = new Map<string, RunnerRecord>()
  readonly finalResults = new Map<string, PeerResults>()
  /** Those read last, of `errorCount`, with the id of their peer or runner. */
  readonly errors: { at: number; subject: string; text: string }[] = []
  errorCount = 0
  mesh = new MeshHistory()
  /** The test is large: `peers` has groups, with the sums of their peers. */
  isCrowd = false
  /** Time (ms) of the latest data. */
  latest = 0
  /** When the last data point arrived, or the page came back (ms), by no clock that others could have set. */
  heardAt = Infinity
  /** The usual interval (ms) that a data point covers. */
  interval = DEFAULT_INTERVAL
  pointCount = 0
  /** True if the test is finished and its whole document has been read. */
  isComplete = false
  /** Incremented with every event, and every entry of a document. */
  version = 0

  /**
   * Where charts end (ms): with the measurement, if that is known. Later, peers only drain, and rates would
   * look as if the mesh had collapsed.
   */
  get end(): number {
    return Math.min(this.latest, this.summary?.measured.until ?? Infinity, this.plannedEnd)
  }

  private get plannedEnd(): number {
    const { startsAt, duration } = this.state ?? {}
    return startsAt === undefined || duration === undefined ? Infinity : startsAt + duration * 1000
  }

  /** Whether a running test no longer reports, so that its latest figures are old. @param now ms */
  isSilent(now = performance.now()): boolean {
    const { state, peers } = this.state ?? {}
    if (state !== 'running' || peers!.done >= peers!.reporting) return false
    return now - this.heardAt > Math.max(SILENCE, 3 * this.interval)
  }

  setState(state: TestState): void {
    if (this.state?.state === 'finished' && state.state !== 'finished') return
    this.state = state
    this.version++
  }

  setComplete(): void {
    this.isComplete = this.state?.state === 'finished'
    this.version++
  }

  setSummary(summary: Summary): void {
    this.summary = printableTexts(summary)
    this.setReasons(this.summary.reasons)
  }

  setReasons(reasons: readonly Reason[]): void {
    this.reasons = reasons
  }

  addFinalResults([id, results]: [string, PeerResults]): void {
    if (!this.finalResults.has(id)) this.addErrors(results.measured.until, id, results.errors)
    // Of the errors, only so many are kept.
    this.finalResults.set(id, { ...results, errors: [] })
  }

  addTopology({ at, nodes }: Topology): void {
    // A peer's own data points describe its links more recently than what another peer observed.
    for (const { id, connectedPeers } of nodes) {
      if (!this.peers.has(id)) this.mesh.record(at, id, connectedPeers)
    }
  }

  addSample(sample: StoredSample): void {
    const { runnerId, sequence, timestamp } = sample
    const known = this.runners.get(runnerId)
    const runner = known ?? { last: sample, sequences: new SequenceSet(), columns: undefined }
    this.runners.set(runnerId, runner)
    if (!runner.sequences.add(sequence)) return
    if (sequence >= runner.last.sequence) runner.last = sample
    this.addErrors(timestamp, runnerId, sample.errors)
    if (this.state?.startsAt !== undefined) {
      const from = timestamp - Math.min(sample.interval, LONGEST_INTERVAL)
      const { grid } = this.timelineFrom(from)
      const { cpu, coverage } = (runner.columns ??= { cpu: grid.column(), coverage: grid.column() })
      grid.spread(from, timestamp, (bucket, share) => {
        const time = share * (timestamp - from)
        add(cpu, bucket, sample.cpu.usage * time)
        add(coverage, bucket, time)
      })
    }
  }

  addPoint(point: PointEvent): void {
    const { peerId, metrics, crowd } = point
    const { points, peers } = crowd ?? { points: 1, peers: 1 }
    if (crowd && !this.isCrowd) {
      // The first peers may have reported one by one.
      this.isCrowd = true
      this.peers.clear()
      this.mesh = new MeshHistory()
    }
    const { from, until } = this.covered(point)
    const { grid, totals, latency } = this.timelineFrom(from)
    const peer = this.peerOf(peerId, grid)
    if (!peer.sequences.add(point.sequence)) return
    grid.spread(from, until, (bucket, share) => {
      const part = { bucket, share, time: share * (until - from), points, peers }
      addToTotals(totals, metrics, part)
      if (peer.columns) addToPeer(peer.columns, metrics, part)
      raise(totals.coverage, bucket, Math.min(grid.width, peer.columns?.coverage[bucket] ?? part.time))
    })
    addLatencies(latency, peer.columns, grid.bucketOf((from + until) / 2), metrics)
    if (metrics.connectedPeers) this.mesh.record(until, peerId, metrics.connectedPeers)
    peer.group = metrics.group ?? peer.group
    peer.size = peers
    peer.lastUntil = Math.max(peer.lastUntil, until)
    this.latest = Math.max(this.latest, until)
    this.interval += (until - from - this.interval) / 20
    this.heardAt = performance.now()
    this.pointCount++
  }

  /**
   * A point's own interval, or else the time since the peer's previous one. The last point extends into the
   * drain, when hardly anything is sent: its counts are drawn before the planned end.
   */
  private covered({ peerId, timestamp, metrics: { interval } }: PointEvent): { from: number; until: number } {
    let { from, until } = interval ?? { from: timestamp, until: timestamp }
    if (!(until > from && until - from < LONGEST_INTERVAL)) {
      const last = this.peers.get(peerId)?.lastUntil ?? -Infinity
      from = Math.max(timestamp - 2 * DEFAULT_INTERVAL, Math.min(last, timestamp - 1))
      until = timestamp
    }
    return { from, until: from < this.plannedEnd ? Math.min(until, this.plannedEnd) : until }
  }

  /** The columns start with the test, or with the first data if the test's start is unknown. */
  private timelineFrom(at: number): Timeline {
    if (this.timeline === undefined) {
      const grid = new TimeGrid(this.state?.startsAt ?? at)
      this.timeline = { grid, totals: totalColumns(grid), latency: forEachKind(() => grid.counters(BINS)) }
    }
    return this.timeline
  }

  private peerOf(id: string, grid: TimeGrid): PeerRecord {
    let peer = this.peers.get(id)
    if (peer === undefined) {
      const columns = this.peers.size < PEERS_IN_DETAIL ? peerColumns(grid) : undefined
      peer = { id, group: undefined, lastUntil: 0, sequences: new SequenceSet(), columns, size: 1 }
      this.peers.set(id, peer)
    }
    return peer
  }

  private addErrors(at: number, subject: string, texts: readonly string[]): void {
    this.errorCount += texts.length
    this.errors.push(...texts.map((text) => ({ at, subject, text })))
    this.errors.splice(0, this.errors.length - ERRORS_KEPT)
  }
}

function addLatencies(
  latency: Timeline['latency'],
  columns: PeerColumns | undefined,
  bucket: number,
  { messages }: PointEvent['metrics']
): void {
  if (bucket < 0 || !messages) return
  const all = new Float64Array(BINS)
  try {
    for (const kind of MESSAGE_KINDS) addEncoded(latency[kind], bucket, messages[kind].latency, all)
  } catch {
    // A client may submit text that is not a histogram. It must not crash the page.
    return
  }
  if (columns === undefined) return
  const [p50, p95] = percentilesOf(all, [50, 95])
  // Nothing arrived: that says nothing of the bucket's other reports.
  raise(columns.latencyP50, bucket, p50! || 0)
  raise(columns.latencyP95, bucket, p95! || 0)
}

type PartName = Exclude<keyof ResultsDocument, keyof TestState>

/** The model's methods for entries that are not part of the test's state. */
const METHODS = {
  summary: 'setSummary',
  peerResults: 'addFinalResults',
  runnerSamples: 'addSample',
  topologies: 'addTopology',
  dataPoints: 'addPoint'
} as const satisfies Record<PartName, keyof TestModel>

/** Fills a model from a results document. Throws SyntaxError if the stream is not a complete one. */
export async function loadDocument(
  model: TestModel,
  stream: ReadableStream<Uint8Array>,
  stopBefore?: PartName
): Promise<void> {
  const state = {} as TestState & Record<string, unknown>
  const onEntry = (key: string, value: unknown) => {
    if (!Object.hasOwn(METHODS, key)) {
      state[key] = value
      return
    }
    // The state comes first in the document, and everything after it is relative to the test's start.
    model.setState(state)
    model[METHODS[key as PartName]](value as never)
  }
  await readDocument(stream, onEntry, stopBefore)
  model.setState(state)
  model.setComplete()
}
