/**
 * The worker thread that follows the journals and writes them to InfluxDB. It records in the results folder
 * how far each journal has been relayed. A journal is identified by its file name, which no other test's
 * journal ever has. After a crash some points are written again, which changes nothing.
 */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { CountedLines, settingsIn } from '../store/counted-lines'
import { readLines } from '../store/journal-reader'
import type { TestJournal } from '../store/open-folder'
import type { TestSettings } from '../store/records'
import { ownFolderOf } from '../store/results-folder'
import { pointsOf } from './fields'
import type { InfluxTarget, Point } from './connection'
import { InfluxWriter, type WriterStatus } from './writer'

export interface RelayData {
  folder: string
  target: InfluxTarget
}

export interface RelayExtent extends TestJournal {
  /** The journal will not grow any more. */
  isWhole: boolean
}

/** All existing journals. A journal missing from the list has been removed. */
export type RelayOrder = RelayExtent[]

export type RelayReport =
  | { status: WriterStatus & { lagBytes: number } }
  /** Path of a journal that is no longer needed. Reported again as long as it stays in the list. */
  | { relayed: string }
  | { warning: string }

/** Points per request. */
const BATCH = 1_000
/**
 * The pause after each batch, as a share of the time the batch took. On a small machine, clients' requests go
 * first.
 */
const REST_SHARE = 0.25
/** While InfluxDB is away, a batch takes hours, but is no more work. */
const LONGEST_REST_MS = 1_000
const IDLE_MS = 200
/** How long to wait before retrying a failed journal. The other journals continue. */
const RETRY_MS = 5_000

const { folder, target } = workerData as RelayData
const positionsFile = join(ownFolderOf(folder), 'relay.json')
/** A different database receives everything from the beginning. */
const database = `${target.url} ${target.database}`
/** Bytes that have been relayed, by the journal's file name. */
const positions = new Map(Object.entries(readPositions()))
let journals = new Map<string, RelayExtent>()
const settings = new Map<string, TestSettings>()
/** When each failed journal may be retried, by the process's clock. */
const pauses = new Map<string, number>()
/** Why the positions could not be saved, if so. */
let saveProblem: string | undefined

const report = (message: RelayReport) => parentPort!.postMessage(message)
const writer = new InfluxWriter(target, (warning) => report({ warning }))

parentPort!.on('message', (extents: RelayOrder) => {
  journals = new Map(extents.map((extent) => [extent.path, extent]))
  const lengths = new Map(extents.map(({ path, length }) => [basename(path), length]))
  for (const [name, position] of positions)
    // An older copy of a journal, put back, may be shorter than what was relayed.
    if (position > (lengths.get(name) ?? -1)) positions.delete(name)
  for (const memory of [settings, pauses])
    for (const path of memory.keys()) if (!journals.has(path)) memory.delete(path)
})

async function follow(): Promise<never> {
  for (;;) {
    let isIdle = true
    for (const path of [...journals.keys()]) if (await relaySome(path)) isIdle = false
    if (isIdle) await sleep(IDLE_MS)
  }
}

/** Relays one batch. Returns false if there was nothing to do. */
async function relaySome(path: string): Promise<boolean> {
  // The journal may have been removed since the round began.
  const journal = journals.get(path)
  if (!journal || performance.now() < (pauses.get(path) ?? 0)) return false
  const position = positionOf(path)
  if (position >= journal.length) {
    if (journal.isWhole) {
      pause(path)
      report({ relayed: path })
    }
    return false
  }
  const begun = performance.now()
  try {
    const { points, end } = await readBatch(journal, position)
    if (points.length > 0) await writer.write(points)
    // A test that has been deleted in the meantime needs no position.
    if (journals.has(path)) positions.set(basename(path), end)
  } catch (error) {
    pause(path)
    if (journals.has(path))
      report({ warning: `The journal of test ${journal.id} can't be relayed: ${(error as Error).message}` })
    return false
  }
  await savePositions()
  await sleep(Math.min(LONGEST_REST_MS, (performance.now() - begun) * REST_SHARE))
  return true
}

function pause(path: string): void {
  pauses.set(path, performance.now() + RETRY_MS)
}

function positionOf(path: string): number {
  return positions.get(basename(path)) ?? 0
}

function readPositions(): Record<string, number> {
  try {
    const stored = JSON.parse(readFileSync(positionsFile, 'utf8')) as {
      target: string
      positions: Record<string, number>
    }
    return stored.target === database ? stored.positions : {}
  } catch {
    // The file is missing or damaged: relay everything again.
    return {}
  }
}

/**
 * On a full disk the relay continues. After a crash it would rewrite everything since the last saved
 * position.
 */
async function savePositions(): Promise<void> {
  try {
    const content = JSON.stringify({ target: database, positions: Object.fromEntries(positions) })
    await writeFile(`${positionsFile}.new`, content, { mode: 0o600 })
    await rename(`${positionsFile}.new`, positionsFile)
    saveProblem = undefined
  } catch (error) {
    const problem = `The relay's positions can't be saved: ${(error as Error).message}`
    if (saveProblem === undefined) report({ warning: problem })
    saveProblem = problem
  }
}

async function readBatch(journal: RelayExtent, position: number): Promise<{ points: Point[]; end: number }> {
  const test = await settingsOf(journal.path)
  const points: Point[] = []
  const lines = new CountedLines()
  for await (const { text, end } of readLines(journal.path, position, journal.length)) {
    // A damaged line must not block the lines after it. The store reports it.
    const record = lines.read(text)
    if (record) points.push(...pointsOf(record, test, target.names))
    if (points.length >= BATCH) return { points, end }
  }
  // A torn last line has no end of its own.
  return { points, end: journal.length }
}

async function settingsOf(path: string): Promise<TestSettings> {
  const known = settings.get(path) ?? (await settingsIn(path))
  settings.set(path, known)
  return known
}

function reportStatus(): void {
  const lags = [...journals.values()].map(({ path, length }) => Math.max(0, length - positionOf(path)))
  const status = { ...writer.status, lagBytes: lags.reduce((sum, lag) => sum + lag, 0) }
  report({ status: saveProblem === undefined ? status : { ...status, lastError: saveProblem } })
}

// On Linux this changes only the thread's priority. Raising it again, if the server was started with nice,
// takes privileges that it may lack.
if (process.platform === 'linux' && getPriority() < 10) setPriority(10)
// A timer, not after each batch: a batch may wait for hours.
setInterval(reportStatus, 250)
// An error here ends the thread; the server starts a new one.
follow().catch((error: unknown) => {
  throw error
})
