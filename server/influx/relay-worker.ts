/** The thread that follows the journals and writes them to InfluxDB. */
import { getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { IPoint } from 'influx'
import { readLines } from '../store/journal-reader'
import { parseRecord, type TestSettings } from '../store/records'
import { pointsOf } from './fields'
import { Positions } from './positions'
import { InfluxWriter, type InfluxTarget, type WriterStatus } from './writer'

export interface RelayData {
  folder: string
  target: InfluxTarget
}

/** A journal, as far as it is committed. */
export interface RelayExtent {
  id: string
  path: string
  length: number
  /** It will not grow. */
  isWhole: boolean
}

export type RelayOrder = { extents: RelayExtent[] } | { forget: string }

export type RelayReport =
  { status: WriterStatus & { lagBytes: number } } | { relayed: string } | { warning: string }

/** Points in one request. */
const BATCH = 1_000
/** A rest for each batch, as a share of the time it took: the clients' requests go first on a small machine. */
const REST_SHARE = 0.25
const IDLE_MS = 200

const { folder, target } = workerData as RelayData
const positions = new Positions(folder, `${target.url} ${target.database}`)
const journals = new Map<string, RelayExtent>()
const settings = new Map<string, TestSettings>()
const report = (message: RelayReport) => {
  parentPort!.postMessage(message)
}
const writer = new InfluxWriter(target, (warning) => {
  report({ warning })
})

parentPort!.on('message', (order: RelayOrder) => {
  if ('forget' in order) forget(order.forget)
  else for (const extent of order.extents) journals.set(extent.id, extent)
})

async function follow(): Promise<never> {
  for (;;) {
    let isIdle = true
    for (const journal of [...journals.values()]) if (await relaySome(journal)) isIdle = false
    if (isIdle) await sleep(IDLE_MS)
  }
}

/** Relays a batch; false where there was nothing to do. A test that was deleted meanwhile has no file: nothing to do either. */
async function relaySome(journal: RelayExtent): Promise<boolean> {
  const { id } = journal
  const position = positions.get(id)
  if (position >= journal.length) {
    if (journal.isWhole) await finish(id)
    return false
  }
  const begun = performance.now()
  try {
    const { points, end } = await readBatch(journal, position)
    if (points.length > 0) await writer.write(points)
    if (journals.has(id)) positions.set(id, end)
    await positions.save()
  } catch (error) {
    report({ warning: `The journal of test ${id} can't be relayed: ${(error as Error).message}` })
    await sleep(1_000)
    return false
  }
  await sleep((performance.now() - begun) * REST_SHARE)
  return true
}

async function readBatch(journal: RelayExtent, position: number): Promise<{ points: IPoint[]; end: number }> {
  const test = await settingsOf(journal)
  const points: IPoint[] = []
  let end = position
  for await (const line of readLines(journal.path, position, journal.length)) {
    points.push(...pointsOf(parseRecord(line.text), test))
    end = line.end
    if (points.length >= BATCH) break
  }
  return { points, end }
}

/** The first line of a journal. */
async function settingsOf({ id, path, length }: RelayExtent): Promise<TestSettings> {
  const known = settings.get(id)
  if (known) return known
  for await (const { text } of readLines(path, 0, length)) {
    const record = parseRecord(text)
    if (!('created' in record)) break
    settings.set(id, record.created)
    return record.created
  }
  throw new Error('it does not begin with the creation of the test')
}

async function finish(id: string): Promise<void> {
  forget(id)
  await positions.save()
  report({ relayed: id })
}

function forget(id: string): void {
  journals.delete(id)
  settings.delete(id)
  positions.forget(id)
}

function lagBytes(): number {
  let lag = 0
  for (const { id, length } of journals.values()) lag += Math.max(0, length - positions.get(id))
  return lag
}

// On Linux this is the thread's priority alone. Raising it again, where the server was started by nice, takes rights that it may lack.
if (process.platform === 'linux' && getPriority() < 10) setPriority(10)
// Not after each batch: one may wait for hours.
setInterval(() => {
  report({ status: { ...writer.status, lagBytes: lagBytes() } })
}, 250)
void follow()
