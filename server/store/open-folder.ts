/** Loads what an earlier server left in the results folder: finished, running and damaged tests. */
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Logger } from 'pino'
import type { TestState } from '../../protocol/test-life'
import { settingsIn } from './counted-lines'
import { Journal } from './journal'
import type { JournalExtent } from './journal-summaries'
import { LiveTest, type LiveTestContext } from './live-test'
import { recover } from './recovery'
import { copyOfOriginal } from './original-files'
import { NOTHING_KNOWN, readHead } from './results-file'
import type { FoundFile, TestFiles } from './test-files'

/** A server that was further ahead had a wrong clock, which must not become this one's. */
const MOST_AHEAD_MS = 10 * 365 * 24 * 60 * 60 * 1000

/** A test that is not live: a finished one, or a file that cannot be read. Only its state is in memory. */
export interface StoredTest {
  state: TestState
  /** Its results document, or the file that cannot be read. */
  path: string
  /** The file that `path` is a copy of, if it is one of the original suite's. */
  original?: string
  /** Why its file cannot be read. */
  problem?: string
  /** Whether it is another program's file that has a test's name. */
  isForeign?: boolean
}

function unreadable({ id, path }: FoundFile, problem: string, isForeign: boolean): StoredTest {
  const damage = `its file cannot be read: ${problem}`
  return { state: { id, ...NOTHING_KNOWN, damage }, path, problem, isForeign }
}

export interface TestJournal extends JournalExtent {
  id: string
}

/** Adds the folder's tests by their ids. Resolves to the journals of finished ones. */
export async function openFolder(
  { live, stored }: { live: Map<string, LiveTest>; stored: Map<string, StoredTest> },
  files: TestFiles,
  context: LiveTestContext,
  logger: Logger
): Promise<TestJournal[]> {
  const { clock } = context
  const finishedJournals: TestJournal[] = []
  const { documents, journals, foreign, misnamed, notFiles } = await files.sweep()
  for (const file of documents) openDocument(file)
  for (const file of journals) await openJournal(file)
  for (const file of foreign) openForeign(file)
  if (misnamed.length > 0)
    logger.warn(
      { files: misnamed },
      'not listed as tests: to list a results file, rename it to at most 64 letters, digits, _ and -'
    )
  if (notFiles.length > 0)
    logger.warn(
      { files: notFiles },
      'not listed as tests, because they are links or folders: replace a link with its file'
    )
  return finishedJournals

  function openDocument({ id, path }: FoundFile): void {
    try {
      stored.set(id, { state: readHead(path), path })
    } catch (error) {
      reportDamage({ id, path }, error)
    }
  }

  async function openJournal(file: FoundFile): Promise<void> {
    try {
      const finished = stored.get(file.id)
      if (finished && finished.problem === undefined) await keepFinished(file, finished)
      else if (live.has(file.id)) throw new Error('there are two of that test')
      else await continueTest(file)
    } catch (error) {
      reportDamage(file, error)
    }
  }

  /** Called if the server ended before it had removed a finished test's journal or relayed all of it. */
  async function keepFinished({ id, path }: FoundFile, { state }: StoredTest): Promise<void> {
    const settings = await settingsIn(path).catch(() => undefined)
    if (settings?.createdAt === state.createdAt)
      finishedJournals.push({ id, path, length: (await stat(path)).size })
    else
      logger.error(
        { test: id },
        `${path} is damaged, or of another test than the results file of that id; it is left alone`
      )
  }

  async function continueTest({ id, path }: FoundFile): Promise<void> {
    const { model, length, torn, nextNumber } = await recover(path)
    if (!model) {
      await files.remove(path)
      logger.warn({ test: id, bytes: torn }, 'removed a journal that a crash left without a complete line')
      return
    }
    if (torn > 0)
      logger.warn({ test: id, bytes: torn }, 'a torn last line was cut off; it had not been acknowledged')
    if (model.settings.id !== id) throw new Error(`it is the journal of test ${model.settings.id}`)
    if (model.nextFree > clock.now() + MOST_AHEAD_MS)
      throw new Error("its times are more than ten years ahead of this machine's clock")
    clock.notBefore(model.nextFree)
    model.excuseRunners(clock.now())
    const journal = await Journal.reopen(path, files.durability, length, nextNumber)
    live.set(id, new LiveTest(model, journal, context))
    const { state, pointCount: points, damage } = model
    logger.info({ test: id, state, points }, 'test recovered')
    if (damage !== undefined) logger.error({ test: id, damage }, 'the journal of a test is damaged')
  }

  function reportDamage(file: FoundFile, error: unknown): void {
    const { id } = file
    const problem = `${basename(file.path)}: ${(error as Error).message}`
    stored.set(id, unreadable(file, problem, false))
    logger.error({ test: id, problem }, 'the file of a test is damaged; the others are served')
  }

  function openForeign(file: FoundFile): void {
    const { id, path } = file
    const isTaken = live.has(id) || stored.has(id)
    let problem = `${basename(path)} is not the results document of a test ${id}: give it its own name`
    try {
      const copy = isTaken ? undefined : copyOfOriginal(files.folder, file)
      if (copy !== undefined) {
        stored.set(id, { state: readHead(copy), path: copy, original: path })
        return
      }
      logger.warn(`${path} has the name of a test's file, but is not one; it is left alone`)
    } catch (error) {
      problem = (error as Error).message
      logger.error({ test: id, err: error }, `${path} cannot be opened`)
    }
    if (!isTaken) stored.set(id, unreadable(file, problem, true))
  }
}
