/** All tests of a results folder, from creation to deletion. */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { FinishedTest, ServerStatus } from '../../protocol/api-answers'
import { LIMITS } from '../../protocol/limits'
import type { Place } from '../../protocol/list-cursor'
import type { Summary } from '../../protocol/summary'
import type { TestState } from '../../protocol/test-life'
import { Refusal } from '../../cli/refusal'
import { isDiskFull, unlessShort } from './disk-writer'
import type { Logger } from 'pino'
import { KeyedQueue } from './keyed-queue'
import { alreadyFinished, LiveTest, type IngestCounters, type LiveTestContext } from './live-test'
import { openFolder, type StoredTest, type TestJournal } from './open-folder'
import { openDocument, readSummary } from './results-file'
import { ResultsMaker } from './results-maker'
import type { ResultsAnswer } from './results-worker'
import type { Durability } from './journal'
import type { RawJson } from './records'
import { pageOf, TestFiles } from './test-files'
import { settingsOf, TestProgress, type NewTest } from './test-progress'

export interface TestStoreOptions extends Omit<LiveTestContext, 'counters'> {
  folder: string
  durability: Durability
  logger: Logger
  /** Whether journals of finished tests are kept until `dropJournal`: the relay may be behind. */
  keepsJournals: boolean
}

export class TestStore {
  readonly counters: IngestCounters = { points: 0, duplicates: 0, bytes: 0 }
  /** Journals of finished tests that are still needed, by path. */
  readonly finishedJournals = new Map<string, TestJournal>()
  private readonly live = new Map<string, LiveTest>()
  private readonly stored = new Map<string, StoredTest>()
  private readonly creating = new Map<string, Promise<unknown>>()
  private readonly finishing = new Map<LiveTest, Promise<FinishedTest>>()
  /** Finishing and deleting run one at a time per id. */
  private readonly endings = new KeyedQueue()
  private readonly maker = new ResultsMaker()
  private readonly files: TestFiles
  private readonly context: LiveTestContext

  private constructor(private readonly options: TestStoreOptions) {
    this.files = new TestFiles(options.folder, options.durability)
    this.context = { ...options, counters: this.counters }
  }

  static async open(options: TestStoreOptions): Promise<TestStore> {
    const store = new TestStore(options)
    const { logger } = options
    const { live, stored, files, context } = store
    const finishedJournals = await openFolder({ live, stored }, files, context, logger)
    for (const journal of finishedJournals) await store.keepOrDropJournal(journal)
    for (const { id: test } of store.unwritten())
      await store.finish(test).catch((err: unknown) => {
        logger.error({ test, err }, 'the results file of a finished test was not written')
      })
    return store
  }

  get liveTests(): Iterable<LiveTest> {
    return this.live.values()
  }

  /** Finished tests whose results file could not be written and is not being written now. */
  unwritten(): LiveTest[] {
    return [...this.live.values()].filter((one) => one.model.state === 'finished' && !this.finishing.has(one))
  }

  /** A page of the tests, newest first. For an unreadable file, the state says only that. */
  list(limit: number, after?: Place): { states: TestState[]; isLast: boolean } {
    const stored = [...this.stored.values()].filter((one) => !one.isForeign && !this.live.has(one.state.id))
    const live = [...this.live.values()].map(({ model }) => model.settings)
    const all: Place[] = [...stored.map(({ state }) => state), ...live]
    const rest = after ? all.filter((place) => newestFirst(after, place) < 0) : all
    const page = rest.sort(newestFirst).slice(0, limit)
    return { states: page.map(({ id }) => stateOf(this.find(id))), isLast: page.length === rest.length }
  }

  countByState(): ServerStatus['tests'] {
    const counts = { created: 0, running: 0, finished: 0, corrupt: 0 }
    for (const [id, { problem, isForeign }] of this.stored)
      if (!isForeign && !this.live.has(id)) counts[problem === undefined ? 'finished' : 'corrupt']++
    for (const { model } of this.live.values()) counts[model.state]++
    return counts
  }

  /** Throws Refusal 404 if there is no such test, 500 if its file can't be read. */
  get(id: string): LiveTest | StoredTest {
    const test = this.find(id)
    if (!(test instanceof LiveTest) && test.problem !== undefined) throw damaged(id, test.problem)
    return test
  }

  /** A test that is not stored yet. Throws Refusal 409 if it is finished. */
  getLive(id: string): LiveTest {
    const test = this.get(id)
    if (test instanceof LiveTest) return test
    throw alreadyFinished(id)
  }

  stateOf(id: string): TestState {
    return stateOf(this.get(id))
  }

  async create(id: string | undefined, body: NewTest): Promise<TestState> {
    const testId = id ?? this.drawId()
    // Before, nobody knows whether there will be such a test.
    while (this.creating.has(testId)) await this.creating.get(testId)
    if (this.exists(testId))
      throw new Refusal(409, 'test-exists', `Test ${testId} exists already: choose another id`, 'testId')
    if (this.live.size + this.creating.size >= LIMITS.openTests)
      throw new Refusal(429, 'too-many-tests', `${LIMITS.openTests} tests are not finished: finish some`)
    const created = this.createLive(testId, body).finally(() => this.creating.delete(testId))
    this.creating.set(testId, Promise.allSettled([created]))
    return (await created).state()
  }

  /** Gives a test its client page. A restart keeps it, and it goes with the journal, never after it. */
  putPage(id: string, page: RawJson): Promise<void> {
    return this.endings.run(id, async () => {
      const path = pageOf(this.getLive(id).journal.path)
      const unfinished = this.files.unfinished(id)
      const written = writeFile(unfinished, page, { mode: 0o600, flush: true })
      await written.then(() => rename(unfinished, path)).finally(() => rm(unfinished, { force: true }))
      await this.files.sync()
    })
  }

  /** Resolves when the results file is on disk. Calls made meanwhile share the same result. */
  finish(id: string): Promise<FinishedTest> {
    const test = this.getLive(id)
    let finishing = this.finishing.get(test)
    if (!finishing) {
      finishing = this.endings.run(id, () => this.finishLive(test)).finally(() => this.finishing.delete(test))
      this.finishing.set(test, finishing)
    }
    return finishing
  }

  /** Deletes a test that is finished, or whose file is damaged or gone. */
  async delete(id: string): Promise<void> {
    const { createdAt } = stateOf(this.find(id))
    await this.endings.run(id, async () => {
      // Another call has deleted it in the meantime. A test created since then is a different one.
      if (stateOf(this.find(id)).createdAt !== createdAt) throw notFound(id)
      await this.remove(id)
    })
  }

  /** For a live test, the summary covers the data so far and is at most 5 s old. */
  async summary(id: string): Promise<Summary> {
    const test = await this.getSettled(id)
    if (test instanceof LiveTest) return this.maker.summaryOf(test)
    const summary = await this.readStored(id, () => readSummary(test.path))
    if (!summary)
      throw new Refusal(500, 'no-summary', `Test ${id} was finished without a summary: the log says why`)
    return summary
  }

  /** Of a live test, the current document. Throws Refusal 500 if the file is missing or damaged. */
  async openDocument(id: string): Promise<Readable> {
    const test = await this.getSettled(id)
    if (test instanceof LiveTest) return this.maker.read(test.source)
    return this.readStored(id, () => openDocument(test.path))
  }

  /** Updates the summaries of running tests as they grow, so that finishing them is cheap. */
  prepareResults(): void {
    const running = [...this.live.values()].filter(({ model }) => model.state === 'running')
    // Without runners: their provenance takes long to copy, and only a summary that is asked for needs it.
    this.maker.follow(running.map(({ source }) => ({ ...source, state: { ...source.state, runners: [] } })))
  }

  /** Call this once a finished test's journal has been read to its end. */
  async dropJournal(path: string): Promise<void> {
    if (!this.finishedJournals.has(path)) return
    await this.files.remove(path)
    this.finishedJournals.delete(path)
  }

  async close(): Promise<void> {
    for (const test of this.live.values()) await test.journal.close()
    await this.maker.close()
  }

  private find(id: string): LiveTest | StoredTest {
    const test = this.live.get(id) ?? this.stored.get(id)
    if (!test) throw notFound(id)
    return test
  }

  /** Like {@link get}, but first waits for a pending finish, which is about to remove the journal. */
  private async getSettled(id: string): Promise<LiveTest | StoredTest> {
    const test = this.live.get(id)
    if (test) await this.finishing.get(test)?.catch(() => undefined)
    return this.get(id)
  }

  private async keepOrDropJournal(journal: TestJournal): Promise<void> {
    this.finishedJournals.set(journal.path, journal)
    if (this.options.keepsJournals) return
    // The test is finished either way. The next start tries again.
    await this.dropJournal(journal.path).catch((error: unknown) =>
      this.options.logger.warn({ test: journal.id, err: error }, `can't remove ${journal.path}`)
    )
  }

  private exists(id: string): boolean {
    const maps = [this.live, this.stored, this.creating]
    if (maps.some((map) => map.has(id))) return true
    if (!this.files.ignoresCase) return false
    return maps.some((map) => [...map.keys()].some((other) => other.toLowerCase() === id.toLowerCase()))
  }

  private drawId(): string {
    for (;;) {
      const id = randomBytes(6).toString('hex')
      if (!this.exists(id)) return id
    }
  }

  private async createLive(id: string, body: NewTest): Promise<LiveTest> {
    const settings = settingsOf(id, body, this.options.clock.now())
    const journal = await this.files.createJournal(id)
    const test = new LiveTest(new TestProgress(settings), journal, this.context)
    try {
      await test.begin(body.started)
      await this.files.sync()
    } catch (error) {
      await journal.close()
      await this.files.remove(journal.path).catch(() => undefined)
      throw error
    }
    this.live.set(id, test)
    this.options.logger.info({ test: id }, 'test created')
    return test
  }

  private async finishLive(test: LiveTest): Promise<FinishedTest> {
    const { id } = test
    if (this.live.get(id) !== test) throw notFound(id)
    if (test.model.state !== 'finished') await test.finish()
    const { path, summary, summaryError, damage } = await this.writeDocument(test)
    if (summaryError !== undefined) this.options.logger.error({ test: id, summaryError }, 'no summary')
    if (damage !== undefined) test.model.damage = damage
    await test.journal.close()
    // The journal changes lists in one turn: the relay forgets how far it is with one that is in none.
    const state = test.state()
    this.stored.set(id, { state, path })
    this.live.delete(id)
    test.emit('stored')
    await this.keepOrDropJournal({ id, path: test.journal.path, length: test.journal.committedLength })
    this.options.logger.info({ test: id, points: state.dataPointCount }, 'test finished')
    return { ...state, ...(summary && { summary }) }
  }

  private async writeDocument(test: LiveTest): Promise<ResultsAnswer & { path: string }> {
    const unfinished = this.files.unfinished(test.id)
    try {
      const summarised = await this.maker.write(test.source, unfinished)
      return { ...summarised, path: await this.files.publish(unfinished, test.id) }
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined)
      if (!isDiskFull(error)) throw error
      const message = `Test ${test.id} is finished; its results file is written when there is room on the server's disk`
      throw new Refusal(507, 'disk-full', message, undefined, { cause: error })
    }
  }

  private async remove(id: string): Promise<void> {
    const live = this.live.get(id)
    const stored = this.stored.get(id)
    if (stored?.isForeign) {
      const message = `${stored.path} is not that test's results document: rename or remove it by hand`
      throw new Refusal(409, 'foreign-file', message)
    }
    // Without its journal, a test can never be finished. Throws if the folder is only out of reach.
    if (live && live.model.state !== 'finished' && statSync(live.journal.path, { throwIfNoEntry: false })) {
      const message = `Test ${id} is not finished: finish it before you delete it`
      throw new Refusal(409, 'test-not-finished', message)
    }
    if (stored?.original !== undefined) {
      const message = `${stored.original} is a results file of the original suite: remove it by hand`
      throw new Refusal(409, 'read-only', message)
    }
    const journals = [...this.finishedJournals.values()].filter((journal) => journal.id === id)
    // Journals first: a crash in between then leaves a finished test, and no journal that would recreate it.
    const paths = [live?.journal.path, ...journals.map(({ path }) => path), stored?.path]
    if (live) await live.journal.close()
    await this.files.remove(...paths.filter((path) => path !== undefined))
    for (const map of [this.live, this.stored]) map.delete(id)
    for (const { path } of journals) this.finishedJournals.delete(path)
    live?.emit('stored')
  }

  private async readStored<T>(id: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      unlessShort(error)
      // Of a test that is being deleted, the file goes first.
      await this.endings.run(id, () => Promise.resolve(this.find(id)))
      const problem = (error as Error).message
      this.options.logger.error({ test: id, problem }, 'the file of a test is damaged')
      throw damaged(id, problem)
    }
  }
}

/** Tests created at the same time are in the order of their ids. */
const newestFirst = (a: Place, b: Place) =>
  b.createdAt - a.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

const stateOf = (test: LiveTest | StoredTest) => (test instanceof LiveTest ? test.state() : test.state)

const notFound = (id: string) =>
  new Refusal(404, 'test-not-found', `There is no test ${id}: create it with POST /test/${id}`)

const damaged = (id: string, problem: string) =>
  new Refusal(500, 'test-corrupt', `The file of test ${id} is damaged: ${problem}`)
