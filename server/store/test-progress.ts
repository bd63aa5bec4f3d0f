/** What is kept in memory of an unfinished test: who takes part and what has arrived, never the data. */
import { randomInt } from 'node:crypto'
import type { z } from 'zod'
import { LIMITS } from '../../protocol/limits'
import type { RunnerProvenance, RunnerSample } from '../../protocol/runner-sample'
import { SequenceSet } from '../../protocol/sequence-set'
import type { TestState, createTestSchema } from '../../protocol/test-life'
import { withTimes } from '../../protocol/test-times'
import { Refusal } from '../../cli/refusal'
import type { JournalRecord, TestSettings } from './records'

/** The body of a call that creates a test. */
export type NewTest = z.output<typeof createTestSchema>

export function settingsOf(id: string, body: NewTest, createdAt: number): TestSettings {
  const { expectedPeers, holdStart, duration, warmup, seed = randomInt(2 ** 32), labels, thresholds } = body
  return { id, createdAt, expectedPeers, holdStart, duration, warmup, seed, labels, thresholds }
}

class Peer {
  readonly sequences = new SequenceSet()
  ready = false
  done = false
}

interface Runner extends Pick<RunnerSample, 'state' | 'peers' | 'provenance'> {
  /** Whether the runner sent a sample before it ended. */
  wasActive: boolean
  firstPeerNumber: number
  lastSeen: number
}

export class TestProgress {
  startedAt: number | undefined
  startsAt: number | undefined
  finishedAt: number | undefined
  /** Points in the journal: the server has acknowledged no others. */
  pointCount = 0
  /** Describes known losses in the journal, in one sentence. */
  damage: string | undefined
  /** The earliest possible `at` of the next record. */
  nextFree = 0
  private readonly peers = new Map<string, Peer>()
  private readonly runners = new Map<string, Runner>()
  private readonly counts = { ready: 0, reporting: 0, done: 0 }
  private peersWanted = 0
  private provenanceLength = 0

  constructor(readonly settings: TestSettings) {}

  /** Replays a journal record after a restart. */
  apply(record: JournalRecord): void {
    // The record of the start may be damaged.
    if ('points' in record || 'results' in record) this.startedAt ??= this.startsAt = record.at
    if ('started' in record) this.start(record.started.startedAt, record.started.startsAt)
    else if ('ready' in record) this.set('ready', record.ready, true)
    else if ('points' in record) {
      for (const { peerId, sequence } of record.points) if (this.addPoint(peerId, sequence)) this.pointCount++
    } else if ('results' in record) this.set('done', record.peerId, true)
    else if ('runner' in record) {
      this.seeRunner(record.runnerId, record.runner, record.at, record.firstPeerNumber)
    } else if ('finished' in record) this.finishedAt = record.at
    this.nextFree = record.at
  }

  start(startedAt: number, startsAt: number): void {
    this.startedAt = startedAt
    this.startsAt = startsAt
  }

  unstart(): void {
    this.startedAt = this.startsAt = undefined
  }

  get state(): TestState['state'] {
    if (this.finishedAt !== undefined) return 'finished'
    return this.startedAt === undefined ? 'created' : 'running'
  }

  get allExpectedReady(): boolean {
    return this.settings.expectedPeers !== undefined && this.counts.ready >= this.settings.expectedPeers
  }

  /** Whether the peer is ready, or done. False if nothing changes. */
  set(what: 'ready' | 'done', peerId: string, value: boolean): boolean {
    const peer = this.peer(peerId)
    if (peer[what] === value) return false
    peer[what] = value
    this.counts[what] += value ? 1 : -1
    return true
  }

  /** The sequence number for a point without one. Throws Refusal 400 if the peer has used the last one. */
  nextSequence(peerId: string): number {
    const highest = this.peers.get(peerId)?.sequences.highest ?? -1
    if (highest < Number.MAX_SAFE_INTEGER) return highest + 1
    const message = `Peer ${peerId} has used the highest sequence, ${highest}: give each of its points a sequence`
    throw new Refusal(400, 'sequence-used-up', message, 'sequence')
  }

  /** False if the point has arrived before. */
  addPoint(peerId: string, sequence: number): boolean {
    const { sequences } = this.peer(peerId)
    const isFirst = sequences.runCount === 0
    if (!sequences.add(sequence)) return false
    if (isFirst) this.counts.reporting++
    return true
  }

  /** Throws Refusal 400 if the peer's sequence has more gaps than the server remembers. */
  requireFewGaps(peerId: string): void {
    if (this.peers.get(peerId)!.sequences.runCount <= LIMITS.sequenceGaps) return
    const message = `Peer ${peerId} leaves ${LIMITS.sequenceGaps} gaps or more in its sequence: count up by one`
    throw new Refusal(400, 'too-many-gaps', message, 'sequence')
  }

  /** Of a point that was added, but refused or not written. A peer without any takes no place. */
  removePoint(peerId: string, sequence: number): void {
    const { sequences, ready, done } = this.peers.get(peerId)!
    sequences.remove(sequence)
    if (sequences.runCount > 0) return
    this.counts.reporting--
    if (!ready && !done) this.peers.delete(peerId)
  }

  get peerCount(): number {
    return this.peers.size
  }

  /** The number of the runner's first peer; a new runner may have a wish. */
  firstPeerNumber(runnerId: string, wanted = this.peersWanted): number {
    return this.runners.get(runnerId)?.firstPeerNumber ?? wanted
  }

  /**
   * Throws Refusal 429 for a runner too many, and 413 if the test's state would become too long. A replay
   * does not ask: what is in the journal was accepted.
   */
  requireRoom(runnerId: string, sample: RunnerSample): void {
    if (!this.runners.has(runnerId) && this.runners.size >= LIMITS.runnersPerTest)
      throw new Refusal(429, 'too-many-runners', `A test takes ${LIMITS.runnersPerTest} runners`)
    if (this.provenanceLength + this.addedProvenance(runnerId, sample) <= LIMITS.provenanceLength) return
    const message = `A test takes ${LIMITS.provenanceLength} characters of provenance from its runners: send less of it`
    throw new Refusal(413, 'too-much-provenance', message, 'provenance')
  }

  seeRunner(runnerId: string, sample: RunnerSample, at: number, firstPeerNumber: number): void {
    const known = this.runners.get(runnerId)
    this.provenanceLength += this.addedProvenance(runnerId, sample)
    const { state, peers, provenance = known?.provenance } = sample
    const wasActive = known?.wasActive === true || !isEnd(state)
    this.runners.set(runnerId, { state, peers, provenance, wasActive, firstPeerNumber, lastSeen: at })
    if (!known) this.peersWanted = Math.max(this.peersWanted, firstPeerNumber + peers.wanted)
  }

  private addedProvenance(runnerId: string, { provenance }: RunnerSample): number {
    return provenance ? lengthOf(provenance) - lengthOf(this.runners.get(runnerId)?.provenance) : 0
  }

  /** Counts all runners as just heard, because a server that is down hears none. */
  excuseRunners(now: number): void {
    if (this.state === 'finished') return
    for (const runner of this.runners.values()) runner.lastSeen = Math.max(runner.lastSeen, now)
  }

  countRunners(now: number, silenceMs: number): { active: number; lost: number } {
    const counts = { active: 0, lost: 0 }
    for (const runner of this.runners.values())
      if (!hasEnded(runner)) counts[this.isLost(runner, now, silenceMs) ? 'lost' : 'active']++
    return counts
  }

  /**
   * When the last runner ended; undefined if one has not or none was ever active. While no peer is known, no
   * runner can have run any, so what runners report ends nothing.
   */
  get allEndedAt(): number | undefined {
    if (this.peers.size === 0) return undefined
    const runners = [...this.runners.values()].filter(({ wasActive }) => wasActive)
    if (runners.length === 0 || !runners.every(hasEnded)) return undefined
    return Math.max(...runners.map(({ lastSeen }) => lastSeen))
  }

  /** `silenceMs`: a runner that has not ended but has been silent for longer is lost. */
  toState(now: number, silenceMs: number): TestState {
    const { startedAt, startsAt, finishedAt, state, damage } = this
    const { id, createdAt, expectedPeers, duration, warmup, seed, labels, thresholds } = this.settings
    return {
      // First in the document, which is known by them.
      ...{ id, state },
      ...withTimes({ startsAt, finishedAt }),
      ...{ createdAt, startedAt, expectedPeers, duration, warmup, seed, labels, thresholds },
      peers: { ...this.counts },
      runners: [...this.runners].map(([id, runner]) => {
        const { state, lastSeen, peers, provenance } = runner
        return { id, state, lost: this.isLost(runner, now, silenceMs), lastSeen, peers, provenance }
      }),
      dataPointCount: this.pointCount,
      damage
    }
  }

  /** A finished test hears nobody any more, so silence counts up to its end. */
  private isLost(runner: Runner, now: number, silenceMs: number): boolean {
    return !hasEnded(runner) && (this.finishedAt ?? now) - runner.lastSeen > silenceMs
  }

  private peer(id: string): Peer {
    let peer = this.peers.get(id)
    if (peer) return peer
    if (this.peers.size >= LIMITS.peersPerTest)
      throw new Refusal(429, 'too-many-peers', `A test takes ${LIMITS.peersPerTest} peers`)
    peer = new Peer()
    this.peers.set(id, peer)
    return peer
  }
}

export const isEnd = (state: RunnerSample['state']) => state === 'finished' || state === 'failed'
const lengthOf = (provenance: RunnerProvenance | undefined) =>
  provenance ? JSON.stringify(provenance).length : 0
const hasEnded = ({ state }: Runner) => isEnd(state)
