/** An unfinished test: checks what is asked of it, and answers once the journal holds it. */
import { EventEmitter } from 'node:events'
import { randomInt } from 'node:crypto'
import { LIMITS } from '../../protocol/limits'
import type { BatchPoint, SinglePoint } from '../../protocol/metrics'
import type { PeerResults } from '../../protocol/peer-results'
import type { RunnerSample } from '../../protocol/runner-sample'
import type { RunnerRegistration } from '../../protocol/page'
import type { TestState } from '../../protocol/test'
import type { Topology } from '../../protocol/topology'
import type { Acknowledgement } from '../../protocol/api-answers'
import { toMicrosecond, type Clock } from '../clock'
import { Refusal } from '../refusal'
import type { JournalExtent } from './document-file'
import type { Journal } from './journal'
import {
  encodeRecord,
  spanOf,
  type JournalRecord,
  type RawJson,
  type RecordKind,
  type TestSettings
} from './records'
import { TestModel } from './test-model'

/** A body: what it means, and how it came. */
export interface Body<T> {
  value: T
  raw: RawJson
}

interface LiveTestEvents {
  /** A record is in the journal, up to `end`. */
  committed: [record: JournalRecord, end: number]
  /** Its state is another one, or something else than points has come. */
  changed: []
  /** Its results document is on disk. */
  stored: []
}

/** Time between the start and the beginning of the routines: every client must have heard of it. */
const START_DELAY_MS = 1500

/** Counters of all tests, for `GET /status`. */
export interface IngestCounters {
  points: number
  duplicates: number
  bytes: number
}

export interface LiveTestContext {
  clock: Clock
  counters: IngestCounters
  /** ms after which a silent runner is lost. */
  runnerSilenceMs: number
}

export class LiveTest extends EventEmitter<LiveTestEvents> {
  private lostRunners = 0

  constructor(
    readonly model: TestModel,
    readonly journal: Journal,
    private readonly context: LiveTestContext
  ) {
    super()
    // One listener for each long poll.
    this.setMaxListeners(0)
  }

  get id(): string {
    return this.model.settings.id
  }

  /** What of its journal is on disk. */
  get extent(): JournalExtent {
    return { path: this.journal.path, length: this.journal.committedLength }
  }

  state(): TestState {
    return this.model.toState(this.context.clock.now(), this.context.runnerSilenceMs)
  }

  hasActiveRunners(): boolean {
    return this.countRunners().active > 0
  }

  /** Tells listeners where a runner has fallen silent since the last time. */
  tellLostRunners(): void {
    const { lost } = this.countRunners()
    if (lost === this.lostRunners) return
    this.lostRunners = lost
    this.emit('changed')
  }

  private countRunners() {
    return this.model.countRunners(this.context.clock.now(), this.context.runnerSilenceMs)
  }

  async writeSettings(settings: TestSettings): Promise<void> {
    await this.commit('created', { value: settings, raw: JSON.stringify(settings) })
  }

  async start(): Promise<TestState> {
    if (this.model.state === 'running')
      throw new Refusal(409, 'test-started', `Test ${this.id} has started already`)
    this.refuseFinished()
    const startedAt = this.context.clock.now()
    const started = { startedAt, startsAt: toMicrosecond(startedAt + START_DELAY_MS) }
    this.model.start(started.startedAt, started.startsAt)
    await this.commit('started', { value: started, raw: JSON.stringify(started) }, {}, () => {
      this.model.unstart()
    })
    return this.state()
  }

  /** Takes no more data. The results document is not made here. */
  async finish(): Promise<void> {
    const at = this.stamp(1)
    this.model.finishedAt = at
    await this.commit(
      'finished',
      { value: true, raw: 'true' },
      {},
      () => (this.model.finishedAt = undefined),
      at
    )
  }

  async peerReady(peerId: string): Promise<Acknowledgement> {
    this.refuseFinished()
    if (this.model.setReady(peerId, true))
      await this.commit('ready', { value: peerId, raw: JSON.stringify(peerId) }, {}, () =>
        this.model.setReady(peerId, false)
      )
    else await this.journal.settled()
    if (this.model.state === 'created' && this.model.allExpectedReady) await this.start()
    return this.acknowledgement()
  }

  async addPoint(peerId: string, point: Body<SinglePoint>): Promise<Acknowledgement> {
    this.refuseUnlessRunning()
    const sequence = point.value.sequence ?? this.model.nextSequence(peerId)
    const [isFresh] = this.reserve([{ peerId, sequence }])
    if (isFresh) {
      await this.commit('point', point, { peerId, sequence }, () => {
        this.model.removePoint(peerId, sequence)
      })
      this.context.counters.points++
    } else await this.journal.settled()
    return this.acknowledgement()
  }

  async addPoints(points: Body<BatchPoint[]>): Promise<Acknowledgement> {
    this.refuseUnlessRunning()
    const isFresh = this.reserve(points.value)
    const fresh = points.value.filter((_, index) => isFresh[index])
    if (fresh.length > 0) {
      const all = fresh.length === points.value.length
      const body = { value: fresh, raw: all ? points.raw : JSON.stringify(fresh) }
      await this.commit('points', body, {}, () => {
        for (const { peerId, sequence } of fresh) this.model.removePoint(peerId, sequence)
      })
      this.context.counters.points += fresh.length
    } else await this.journal.settled()
    return this.acknowledgement()
  }

  async addPeerResults(peerId: string, results: Body<PeerResults>): Promise<Acknowledgement> {
    this.refuseUnlessRunning()
    if (this.model.setDone(peerId, true))
      await this.commit('results', results, { peerId }, () => this.model.setDone(peerId, false))
    else await this.journal.settled()
    return this.acknowledgement()
  }

  async addTopology(topology: Body<Topology>): Promise<Acknowledgement> {
    this.refuseFinished()
    await this.commit('topology', topology)
    return this.acknowledgement()
  }

  async addRunnerSample(runnerId: string, sample: Body<RunnerSample>): Promise<RunnerRegistration> {
    this.refuseFinished()
    const firstPeerNumber = this.model.firstPeerNumber(runnerId)
    this.model.seeRunner(runnerId, sample.value, this.context.clock.now())
    await this.commit('runner', sample, { runnerId, firstPeerNumber })
    return { firstPeerNumber, ...this.acknowledgement() }
  }

  /** Which of these points have not come before; from now on they have. */
  private reserve(points: readonly { peerId: string; sequence: number }[]): boolean[] {
    const isFresh: boolean[] = []
    try {
      for (const { peerId, sequence } of points) {
        isFresh.push(this.model.addPoint(peerId, sequence))
        if (this.model.hasTooManyGaps(peerId)) throw tooManyGaps(peerId)
      }
    } catch (error) {
      for (const [index, { peerId, sequence }] of points.entries())
        if (isFresh[index]) this.model.removePoint(peerId, sequence)
      throw error
    }
    this.context.counters.duplicates += isFresh.filter((fresh) => !fresh).length
    return isFresh
  }

  /** Resolves once the record is in the journal; where that fails, `undo` takes back what the model has been told. */
  private async commit(
    kind: RecordKind,
    body: Body<unknown>,
    fields: Record<string, string | number> = {},
    undo?: () => unknown,
    at = this.stamp(Array.isArray(body.value) ? body.value.length : 1)
  ): Promise<void> {
    const line = encodeRecord(kind, body.raw, { ...fields, at })
    let end: number
    try {
      end = await this.journal.append(line)
    } catch (error) {
      undo?.()
      throw error
    }
    this.context.counters.bytes += line.length
    if (this.listenerCount('committed') > 0)
      this.emit('committed', { [kind]: body.value, ...fields, at } as unknown as JournalRecord, end)
    if (kind !== 'points' && kind !== 'point') this.emit('changed')
  }

  /** The instant of the next record, which may hold so many points. */
  private stamp(points: number): number {
    const at = Math.max(this.context.clock.now(), this.model.nextFree)
    this.model.nextFree = toMicrosecond(at + spanOf(points))
    return at
  }

  private acknowledgement(): Acknowledgement {
    return { state: this.model.state }
  }

  private refuseUnlessRunning(): void {
    if (this.model.state === 'created')
      throw new Refusal(
        409,
        'test-not-started',
        `Test ${this.id} has not started: wait for it with ?waitFor=started`
      )
    this.refuseFinished()
  }

  private refuseFinished(): void {
    if (this.model.state === 'finished')
      throw new Refusal(409, 'test-finished', `Test ${this.id} is finished`)
  }
}

function tooManyGaps(peerId: string): Refusal {
  const message = `Peer ${peerId} leaves more than ${LIMITS.sequenceGaps} gaps in its sequence: count up by one`
  return new Refusal(400, 'too-many-gaps', message, 'sequence')
}

/** A seed for a test that came without one. */
export const drawSeed = () => randomInt(2 ** 32)
