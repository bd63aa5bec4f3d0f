/** An unfinished test. Checks each request and answers once its data is in the journal. */
import { EventEmitter } from 'node:events'
import { LIMITS } from '../../protocol/limits'
import type { BatchPoint, SinglePoint } from '../../protocol/data-point'
import type { PeerResults } from '../../protocol/peer-results'
import type { RunnerSample } from '../../protocol/runner-sample'
import type { TestState } from '../../protocol/test-life'
import type { Topology } from '../../protocol/topology'
import type { Acknowledgement, RunnerRegistration, ServerStatus } from '../../protocol/api-answers'
import { Refusal } from '../../cli/refusal'
import { toMicrosecond, type Clock } from '../clock'
import type { Journal } from './journal'
import type { Source } from './results-worker'
import {
  encodeRecord,
  lengthOf,
  recordOf,
  spanOf,
  type JournalRecord,
  type RawJson,
  type RecordKind
} from './records'
import { TestProgress } from './test-progress'

/** A request's body: its value, and its JSON as it arrived. */
export interface Body<T> {
  value: T
  raw: RawJson
}

const bodyOf = <T>(value: T): Body<T> => ({ value, raw: JSON.stringify(value) })

interface LiveTestEvents {
  /** A record is in the journal, which it extends to `end`. */
  committed: [record: JournalRecord, end: number]
  /** The state has changed, or something other than points has arrived. */
  changed: []
  /** The results document is on disk, or the test has been deleted. */
  stored: []
}

/** Delay between the start of the test and the start of the routines, in which every client learns of it. */
const START_DELAY_MS = 1500

/** Counters of all tests. */
export type IngestCounters = Pick<ServerStatus, 'points' | 'duplicates' | 'bytes'>

export interface LiveTestContext {
  clock: Clock
  counters: IngestCounters
  /** A runner that is silent for longer than this counts as lost, in ms. */
  runnerSilenceMs: number
  /** Called with every record once it is in the journal. */
  onCommitted?: ((test: LiveTest, record: JournalRecord) => void) | undefined
}

export class LiveTest extends EventEmitter<LiveTestEvents> {
  /** Settles when it is known whether the test has ended. */
  private ending: Promise<unknown> | undefined
  /** When the last data point arrived; 0 before the first one. */
  lastPointAt = 0
  /** Whether `stored` was emitted: the journal may be gone. */
  isStored = false
  /** Until it settles, peers and runners are asked to stop. */
  handIn: Promise<void> | undefined

  constructor(
    readonly model: TestProgress,
    readonly journal: Journal,
    private readonly context: LiveTestContext
  ) {
    super()
    // Every long poll adds a listener.
    this.setMaxListeners(0)
    this.once('stored', () => (this.isStored = true))
  }

  get id(): string {
    return this.model.settings.id
  }

  /** Whether it has more peers than a page can tell apart. */
  get isLarge(): boolean {
    return this.model.peerCount > LIMITS.watchedPeers
  }

  /** The source of summaries and documents: the state and the journal on disk. */
  get source(): Source {
    const { path, committedLength: length } = this.journal
    return { journal: { path, length }, state: this.state() }
  }

  state(): TestState {
    return this.model.toState(this.context.clock.now(), this.context.runnerSilenceMs)
  }

  countRunners(): { active: number; lost: number } {
    return this.model.countRunners(this.context.clock.now(), this.context.runnerSilenceMs)
  }

  /** Writes the first record and, if the test starts at once, the record of its start: both or neither. */
  async begin(starts: boolean): Promise<void> {
    const records = [encodeRecord('created', JSON.stringify(this.model.settings), { at: this.stamp(1) })]
    if (starts)
      records.push(encodeRecord('started', JSON.stringify(this.setStarted()), { at: this.stamp(1) }))
    await this.journal.append(...records)
  }

  async start(): Promise<TestState> {
    await this.ending
    return this.startNow()
  }

  /** Marks the test as started before it first waits: two peers that become ready at once start it once. */
  private async startNow(): Promise<TestState> {
    if (this.model.state === 'running')
      throw new Refusal(409, 'test-started', `Test ${this.id} has started already`)
    this.refuseFinished()
    await this.commit('started', bodyOf(this.setStarted()), {}, () => this.model.unstart())
    return this.state()
  }

  private setStarted(): { startedAt: number; startsAt: number } {
    const startedAt = this.context.clock.now()
    const startsAt = toMicrosecond(startedAt + START_DELAY_MS)
    this.model.start(startedAt, startsAt)
    return { startedAt, startsAt }
  }

  /** Ends the intake; makes no document. Others wait: "finished" is final, and the disk may be full. */
  async finish(): Promise<void> {
    const at = this.stamp(1)
    const setFinished = () => (this.model.finishedAt = at)
    const finishing = this.commit('finished', bodyOf(true), {}, undefined, setFinished, at)
    this.ending = finishing.catch(() => undefined)
    await finishing
  }

  async peerReady(peerId: string): Promise<Acknowledgement> {
    await this.ending
    this.refuseFinished()
    if (this.model.set('ready', peerId, true))
      await this.commit('ready', bodyOf(peerId), {}, () => this.model.set('ready', peerId, false))
    else await this.journal.append()
    await this.ending
    if (this.model.state === 'created' && this.model.allExpectedReady && !this.model.settings.holdStart)
      await this.startNow()
    return this.acknowledgement()
  }

  async addPoint(peerId: string, point: Body<SinglePoint>): Promise<Acknowledgement> {
    await this.ending
    this.refuseUnlessRunning()
    const sequence = point.value.sequence ?? this.model.nextSequence(peerId)
    return this.addFresh('point', [{ peerId, sequence }], () => point, { peerId, sequence })
  }

  async addPoints(points: Body<BatchPoint[]>): Promise<Acknowledgement> {
    await this.ending
    this.refuseUnlessRunning()
    return this.addFresh('points', points.value, (fresh) =>
      fresh.length === points.value.length ? points : bodyOf(fresh)
    )
  }

  async addPeerResults(peerId: string, results: Body<PeerResults>): Promise<Acknowledgement> {
    await this.ending
    this.refuseUnlessRunning()
    if (this.model.set('done', peerId, true))
      await this.commit('results', results, { peerId }, () => this.model.set('done', peerId, false))
    else await this.journal.append()
    return this.acknowledgement()
  }

  async addTopology(topology: Body<Topology>): Promise<Acknowledgement> {
    await this.ending
    this.refuseFinished()
    await this.commit('topology', topology)
    return this.acknowledgement()
  }

  async addRunnerSample(runnerId: string, sample: Body<RunnerSample>): Promise<RunnerRegistration> {
    await this.ending
    this.refuseFinished()
    this.model.requireRoom(runnerId, sample.value)
    const firstPeerNumber = this.model.firstPeerNumber(runnerId, sample.value.firstPeer)
    this.model.seeRunner(runnerId, sample.value, this.context.clock.now(), firstPeerNumber)
    await this.commit('runner', sample, { runnerId, firstPeerNumber })
    return { firstPeerNumber, ...this.acknowledgement() }
  }

  /** Adds those of the points that are new. From now on, none of them is. */
  private async addFresh<Point extends { peerId: string; sequence: number }>(
    kind: 'point' | 'points',
    points: readonly Point[],
    bodyOf: (fresh: Point[]) => Body<unknown>,
    fields: Record<string, string | number> = {}
  ): Promise<Acknowledgement> {
    const { model, context } = this
    const fresh: Point[] = []
    const undo = () => {
      for (const { peerId, sequence } of fresh) model.removePoint(peerId, sequence)
    }
    try {
      for (const point of points) {
        if (model.addPoint(point.peerId, point.sequence)) fresh.push(point)
        model.requireFewGaps(point.peerId)
      }
    } catch (error) {
      undo()
      throw error
    }
    this.lastPointAt = context.clock.now()
    context.counters.duplicates += points.length - fresh.length
    const count = () => {
      model.pointCount += fresh.length
      context.counters.points += fresh.length
    }
    if (fresh.length > 0) await this.commit(kind, bodyOf(fresh), fields, undo, count)
    else await this.journal.append()
    return this.acknowledgement()
  }

  /** Once the record is in the journal, `then` changes the model. If that fails, `undo` reverts the model. */
  private async commit(
    kind: RecordKind,
    body: Body<unknown>,
    fields: Record<string, string | number> = {},
    undo?: () => unknown,
    then?: () => void,
    at = this.stamp(Array.isArray(body.value) ? body.value.length : 1)
  ): Promise<void> {
    const record = encodeRecord(kind, body.raw, { ...fields, at })
    const end = await this.journal.append(record).catch((error: unknown) => {
      undo?.()
      throw error
    })
    then?.()
    this.context.counters.bytes += lengthOf(record)
    const committed = recordOf({ [kind]: body.value, ...fields, at } as unknown as JournalRecord)
    this.emit('committed', committed, end)
    this.context.onCommitted?.(this, committed)
    if (!('points' in committed)) this.emit('changed')
  }

  /** The timestamp of the next record, which contains this many points. */
  private stamp(points: number): number {
    const at = Math.max(this.context.clock.now(), this.model.nextFree)
    this.model.nextFree = toMicrosecond(at + spanOf(points))
    return at
  }

  private acknowledgement(): Acknowledgement {
    const { state } = this.model
    return this.handIn ? { state, stop: true } : { state }
  }

  private refuseUnlessRunning(): void {
    if (this.model.state === 'created') {
      const message = `Test ${this.id} has not started: wait for it with ?waitFor=started`
      throw new Refusal(409, 'test-not-started', message)
    }
    this.refuseFinished()
  }

  private refuseFinished(): void {
    if (this.model.state === 'finished') throw alreadyFinished(this.id)
  }
}

export const alreadyFinished = (id: string) => new Refusal(409, 'test-finished', `Test ${id} is finished`)
