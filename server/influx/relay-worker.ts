/**
 * The worker thread that follows the journals and writes them to InfluxDB. It records how far each has been
 * relayed, by its file name, which no other has. After a crash some points are written again: no harm.
 */
import { readFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { attempt } from '../../protocol/attempt'
import { countSchema } from '../../protocol/primitives'
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
  /** It will not grow any more. */
  isWhole: boolean
}

interface Journal extends RelayExtent {
  /** Bytes that have been relayed, and when it may be tried again if it failed, by the process's clock. */
  progress: { position: number; retryAt: number; settings?: TestSettings }
}

export type RelayReport =
  | { status: WriterStatus & { lagBytes: number } }
  /** Path of a journal that is no longer needed. Reported again as long as it stays in the list. */
  | { relayed: string }
  | { warning: string }

/** Points per request. */
const BATCH = 1_000
/** The pause after each batch, as a share of its time: on a small machine, clients' requests go first. */
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
/** Bytes that an earlier server had relayed, by the journal's file name. */
const savedPositions = readPositions()
let journals = new Map<string, Journal>()
let saveProblem: string | undefined

const report = (message: RelayReport) => parentPort!.postMessage(message)
const writer = new InfluxWriter(target, (warning) => report({ warning }))

// All existing journals: one that is missing has been removed.
parentPort!.on('message', (extents: RelayExtent[]) => {
  journals = new Map(extents.map((extent) => [extent.path, { ...extent, progress: progressOf(extent) }]))
})

function progressOf({ path, length }: RelayExtent): Journal['progress'] {
  const saved = savedPositions[basename(path)] ?? 0
  const progress = journals.get(path)?.progress ?? { position: saved, retryAt: 0 }
  // An older copy of a journal, put back, may be shorter than what was relayed.
  if (progress.position > length) progress.position = 0
  return progress
}

async function follow(): Promise<never> {
  for (;;) {
    let isIdle = true
    for (const path of [...journals.keys()]) if (await relaySome(path)) isIdle = false
    if (isIdle) await sleep(IDLE_MS)
  }
}

/** Relays one batch. False if there was nothing to do. */
async function relaySome(path: string): Promise<boolean> {
  // The journal may have been removed since the round began.
  const journal = journals.get(path)
  if (!journal || performance.now() < journal.progress.retryAt) return false
  const { length, isWhole, progress } = journal
  if (progress.position >= length) {
    if (isWhole) {
      progress.retryAt = performance.now() + RETRY_MS
      report({ relayed: path })
    }
    return false
  }
  const begun = performance.now()
  try {
    const { points, end } = await readBatch(journal)
    if (points.length > 0) await writer.write(points)
    progress.position = end
  } catch (error) {
    progress.retryAt = performance.now() + RETRY_MS
    if (journals.has(path))
      report({ warning: `The journal of test ${journal.id} can't be relayed: ${(error as Error).message}` })
    return false
  }
  await savePositions()
  await sleep(Math.min(LONGEST_REST_MS, (performance.now() - begun) * REST_SHARE))
  return true
}

function readPositions(): Record<string, number> {
  const schema = z.object({ target: z.literal(database), positions: z.record(z.string(), countSchema) })
  // If the file is missing or damaged, or another database's, everything is relayed again.
  return attempt(() => schema.parse(JSON.parse(readFileSync(positionsFile, 'utf8'))).positions) ?? {}
}

/** On a full disk the relay continues: after a crash it would write more again. */
async function savePositions(): Promise<void> {
  try {
    const done = [...journals].map(([path, { progress }]) => [basename(path), progress.position] as const)
    const content = JSON.stringify({ target: database, positions: Object.fromEntries(done) })
    await writeFile(`${positionsFile}.new`, content, { mode: 0o600 })
    await rename(`${positionsFile}.new`, positionsFile)
    saveProblem = undefined
  } catch (error) {
    const problem = `The relay's positions can't be saved: ${(error as Error).message}`
    if (saveProblem === undefined) report({ warning: problem })
    saveProblem = problem
  }
}

async function readBatch({ id, path, length, progress }: Journal): Promise<{ points: Point[]; end: number }> {
  const test = (progress.settings ??= await settingsIn(path))
  const points: Point[] = []
  const lines = new CountedLines()
  for await (const { text, end } of readLines(path, progress.position, length)) {
    // A damaged line must not block the lines after it. Of a finished test, nobody else reads it any more.
    const record = lines.read(text)
    if (record) points.push(...pointsOf(record, test, target.names))
    else
      report({ warning: `A line of the journal of test ${id} is damaged or a repetition: it is not relayed` })
    if (points.length >= BATCH) return { points, end }
  }
  // A torn last line has no end of its own.
  return { points, end: length }
}

function reportStatus(): void {
  const lags = [...journals.values()].map(({ length, progress }) => Math.max(0, length - progress.position))
  const status = { ...writer.status, lagBytes: lags.reduce((sum, lag) => sum + lag, 0) }
  report({ status: saveProblem === undefined ? status : { ...status, lastError: saveProblem } })
}

// On Linux this changes only the thread's priority. What started with `nice` may not be allowed to raise it.
if (process.platform === 'linux' && getPriority() < 10) setPriority(10)
// A timer, not after each batch: a batch may wait for hours.
setInterval(reportStatus, 250)
// An error here ends the thread; the server starts a new one.
follow().catch((error: unknown) => {
  throw error
})
