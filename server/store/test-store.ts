/** All tests of a results folder, from their creation to their deletion. */
import { randomBytes } from 'node:crypto'
import type { Logger } from 'pino'
import type { FinishedTest } from '../../protocol/api-answers'
import { LIMITS } from '../../protocol/limits'
import type { Summary } from '../../protocol/summary'
import type { TestState, createTestSchema } from '../../protocol/test'
import type { z } from 'zod'
import type { Clock } from '../clock'
import { Refusal } from '../refusal'
import { readHead, readSummary } from './document-file'
import { Documents } from './documents'
import type { Durability } from './journal'
import { LiveSummaries } from './live-summaries'
import { drawSeed, LiveTest, type IngestCounters, type LiveTestContext } from './live-test'
import { recover } from './recovery'
import type { TestSettings } from './records'
import { TestFiles } from './test-files'
import { TestModel } from './test-model'

/** A finished test: only its state is in memory. */
export interface StoredTest {
  state: TestState
  documentPath: string
}

/** A test whose file can't be read. */
export interface CorruptTest {
  id: string
  problem: string
}

export interface TestStoreOptions {
  folder: string
  durability: Durability
  clock: Clock
  runnerSilenceMs: number
  logger: Logger
  /** Whether the journals of finished tests are kept until {@link TestStore.dropJournal}: the relay may be behind. */
  keepsJournals: boolean
}

export class TestStore {
  readonly counters: IngestCounters = { points: 0, duplicates: 0, bytes: 0 }
  private readonly live = new Map<string, LiveTest>()
  private readonly stored = new Map<string, StoredTest>()
  private readonly corrupt = new Map<string, CorruptTest>()
  private readonly finishedLengths = new Map<string, number>()
  private readonly creating = new Set<string>()
  private readonly finishing = new Map<string, Promise<FinishedTest>>()
  private readonly documents = new Documents()
  private readonly summaries = new LiveSummaries(this.documents)
  private readonly files: TestFiles
  private readonly context: LiveTestContext

  private constructor(private readonly options: TestStoreOptions) {
    const { folder, durability, clock, runnerSilenceMs } = options
    this.files = new TestFiles(folder, durability)
    this.context = { clock, counters: this.counters, runnerSilenceMs }
  }

  /** Opens a folder with all that an earlier server left in it. */
  static async open(options: TestStoreOptions): Promise<TestStore> {
    const store = new TestStore(options)
    await store.recoverAll()
    return store
  }

  get liveTests(): Iterable<LiveTest> {
    return this.live.values()
  }

  /** All of them, the newest first. */
  list(): TestState[] {
    const states = [...this.stored.values()].map(({ state }) => state)
    for (const test of this.live.values()) states.push(test.state())
    return states.sort((a, b) => b.createdAt - a.createdAt)
  }

  countByState(): { created: number; running: number; finished: number; corrupt: number } {
    const counts = { created: 0, running: 0, finished: this.stored.size, corrupt: this.corrupt.size }
    for (const { model } of this.live.values()) counts[model.state]++
    return counts
  }

  /** Throws Refusal 404 where there is none, 500 where its file is damaged. */
  get(id: string): LiveTest | StoredTest {
    const test = this.live.get(id) ?? this.stored.get(id)
    if (test) return test
    const corrupt = this.corrupt.get(id)
    if (corrupt)
      throw new Refusal(500, 'test-corrupt', `The file of test ${id} is damaged: ${corrupt.problem}`)
    throw new Refusal(404, 'test-not-found', `There is no test ${id}: create it with POST /test/${id}`)
  }

  /** As {@link get}, once the document of a test that is being finished is there: its journal is about to go. */
  async getSettled(id: string): Promise<LiveTest | StoredTest> {
    await this.finishing.get(id)?.catch(() => undefined)
    return this.get(id)
  }

  /** A test that still takes data. Throws Refusal 409 where it is finished. */
  getLive(id: string): LiveTest {
    const test = this.get(id)
    if (test instanceof LiveTest) return test
    throw new Refusal(409, 'test-finished', `Test ${id} is finished`)
  }

  stateOf(id: string): TestState {
    const test = this.get(id)
    return test instanceof LiveTest ? test.state() : test.state
  }

  async create(id: string | undefined, body: z.output<typeof createTestSchema>): Promise<TestState> {
    const testId = id ?? this.drawId()
    if (this.exists(testId))
      throw new Refusal(409, 'test-exists', `There is a test ${testId} already: choose another id`, 'testId')
    if (this.live.size + this.creating.size >= LIMITS.openTests)
      throw new Refusal(429, 'too-many-tests', `${LIMITS.openTests} tests are not finished: finish some`)
    this.creating.add(testId)
    try {
      const test = await this.createJournal(testId, body)
      if (body.started) await test.start()
      return test.state()
    } finally {
      this.creating.delete(testId)
    }
  }

  /** Resolves when the results file is on disk. Called again while it is written, it waits for the same. */
  finish(id: string): Promise<FinishedTest> {
    const test = this.getLive(id)
    let finishing = this.finishing.get(id)
    if (!finishing) {
      finishing = this.finishLive(test).finally(() => this.finishing.delete(id))
      this.finishing.set(id, finishing)
    }
    return finishing
  }

  /** Only finished ones (and those whose file is damaged). */
  async delete(id: string): Promise<void> {
    if (!this.corrupt.has(id) && this.get(id) instanceof LiveTest)
      throw new Refusal(
        409,
        'test-not-finished',
        `Test ${id} is not finished: finish it before it is deleted`
      )
    await this.files.remove(id)
    this.stored.delete(id)
    this.corrupt.delete(id)
    this.finishedLengths.delete(id)
  }

  /** Of a live test: of the data so far, at most 5 s old. */
  async summary(id: string): Promise<Summary> {
    const test = await this.getSettled(id)
    if (test instanceof LiveTest) return this.summaries.of(test)
    const summary = await this.readStored(id, () => readSummary(test.documentPath))
    if (!summary)
      throw new Refusal(500, 'no-summary', `Test ${id} was finished without a summary: the log says why`)
    return summary
  }

  /** Writes the document of a live test as it stands; returns the path of a file that the caller deletes. */
  async snapshot(test: LiveTest): Promise<string> {
    const target = this.files.snapshot(test.id)
    await this.documents.write(test.extent, test.state(), target)
    return target
  }

  /** To be called when a finished test's journal has been read to its end. */
  async dropJournal(id: string): Promise<void> {
    this.finishedLengths.delete(id)
    if (this.stored.has(id)) await this.files.removeJournal(id)
  }

  /** Journals of finished tests that are still needed. */
  get finishedJournals(): { id: string; path: string; length: number }[] {
    return [...this.finishedLengths].map(([id, length]) => ({ id, path: this.files.journal(id), length }))
  }

  async close(): Promise<void> {
    for (const test of this.live.values()) await test.journal.close()
    await this.documents.close()
  }

  private async keepOrDropJournal(id: string, length: number): Promise<void> {
    if (this.options.keepsJournals) this.finishedLengths.set(id, length)
    else await this.dropJournal(id)
  }

  private exists(id: string): boolean {
    return this.live.has(id) || this.stored.has(id) || this.corrupt.has(id) || this.creating.has(id)
  }

  private drawId(): string {
    for (;;) {
      const id = randomBytes(6).toString('hex')
      if (!this.exists(id)) return id
    }
  }

  private async createJournal(id: string, body: z.output<typeof createTestSchema>): Promise<LiveTest> {
    const { expectedPeers, duration, warmup, seed, labels, thresholds } = body
    const settings: TestSettings = {
      id,
      createdAt: this.options.clock.now(),
      ...(expectedPeers !== undefined && { expectedPeers }),
      ...(duration !== undefined && { duration }),
      warmup,
      seed: seed ?? drawSeed(),
      labels,
      thresholds
    }
    const journal = await this.files.createJournal(id)
    const test = new LiveTest(new TestModel(settings), journal, this.context)
    try {
      await test.writeSettings(settings)
      await this.files.sync()
    } catch (error) {
      await journal.close()
      await this.files.removeJournal(id)
      throw error
    }
    this.live.set(id, test)
    this.options.logger.info({ test: id }, 'test created')
    return test
  }

  private async finishLive(test: LiveTest): Promise<FinishedTest> {
    if (test.model.state !== 'finished') await test.finish()
    const state = test.state()
    const documentPath = this.files.document(test.id)
    const { summary, summaryError } = await this.documents.write(test.extent, state, documentPath)
    if (summaryError !== undefined) this.options.logger.error({ test: test.id, summaryError }, 'no summary')
    this.stored.set(test.id, { state, documentPath })
    this.live.delete(test.id)
    await test.journal.close()
    test.emit('stored')
    await this.keepOrDropJournal(test.id, test.journal.committedLength)
    this.options.logger.info({ test: test.id, points: state.dataPointCount }, 'test finished')
    return { ...state, ...(summary && { summary }) }
  }

  private async readStored<T>(id: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      this.options.logger.error(
        { test: id, problem: (error as Error).message },
        'the file of a test is damaged'
      )
      throw new Refusal(500, 'test-corrupt', `The file of test ${id} is damaged: ${(error as Error).message}`)
    }
  }

  private async recoverAll(): Promise<void> {
    const { documents, journals } = await this.files.sweep()
    for (const id of documents) await this.recoverStored(id)
    for (const id of journals)
      if (this.stored.has(id)) await this.keepOrDropJournal(id, await this.files.journalLength(id))
      else await this.recoverLive(id)
  }

  private async recoverStored(id: string): Promise<void> {
    try {
      const documentPath = this.files.document(id)
      const state = await readHead(documentPath)
      if (state.id !== id) throw new Error(`it is the document of test ${state.id}`)
      this.stored.set(id, { state, documentPath })
    } catch (error) {
      this.setCorrupt(id, `${id}.json`, error)
    }
  }

  private async recoverLive(id: string): Promise<void> {
    try {
      const { model, length, torn } = await recover(this.files.journal(id))
      if (torn > 0)
        this.options.logger.warn(
          { test: id, bytes: torn },
          'a torn last line was cut off; it had not been acknowledged'
        )
      if (!model) {
        await this.files.removeJournal(id)
        return
      }
      if (model.settings.id !== id) throw new Error(`it is the journal of test ${model.settings.id}`)
      this.options.clock.notBefore(model.nextFree)
      model.excuseRunners(this.options.clock.now())
      const test = new LiveTest(model, await this.files.reopenJournal(id, length), this.context)
      this.corrupt.delete(id)
      this.live.set(id, test)
      this.options.logger.info({ test: id, state: model.state, points: model.pointCount }, 'test recovered')
      if (model.state === 'finished') await this.finish(id)
    } catch (error) {
      this.setCorrupt(id, `${id}.journal`, error)
    }
  }

  private setCorrupt(id: string, file: string, error: unknown): void {
    const problem = `${file}: ${(error as Error).message}`
    this.corrupt.set(id, { id, problem })
    this.options.logger.error({ test: id, problem }, 'the file of a test is damaged; the others are served')
  }
}
