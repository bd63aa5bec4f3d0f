/** Results files of the original suite stay as they are; the server keeps copies in today's format. */
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { summarize } from '../../analysis/summary/summarize'
import { attempt } from '../../protocol/attempt'
import { metricsSchema } from '../../protocol/data-point'
import { documentText } from '../../protocol/document-text'
import { idSchema, instantSchema } from '../../protocol/primitives'
import type { ResultsDocument } from '../../protocol/results-document'
import { withTimes } from '../../protocol/test-times'
import { NOTHING_KNOWN, readHead } from './results-file'
import { ownFolderOf } from './results-folder'
import type { FoundFile } from './test-files'

/** Larger files are not opened: they would be held in memory as a whole. */
const MOST_BYTES = 256 * 1024 * 1024

const originalSchema = z.object({
  started: instantSchema.optional(),
  finished: instantSchema.optional(),
  /** A renamed file of today's: without what it says beyond the original's, a valid test would be void. */
  peerResults: z.undefined().optional(),
  dataPoints: z.array(z.object({ peerId: idSchema, timestamp: instantSchema, metrics: metricsSchema })).min(1)
})

/** Path of the copy; undefined if the file is not of the original suite. */
export function copyOfOriginal(folder: string, { id, path }: FoundFile): string | undefined {
  const { mtime, size } = statSync(path)
  const own = join(ownFolderOf(folder), 'originals')
  const copy = join(own, `${id}.json`)
  if (isWhole(copy, mtime)) return copy
  const document = size <= MOST_BYTES ? parseOriginal(id, readFileSync(path, 'utf8')) : undefined
  if (!document) return undefined
  mkdirSync(own, { recursive: true, mode: 0o700 })
  writeFileSync(copy, documentText({ ...document, summary: summarize(document) }), { mode: 0o600 })
  // Last: a copy that is not whole has another time.
  utimesSync(copy, mtime, mtime)
  return copy
}

/** Whether the copy is of the file as it is now, and undamaged as far as its beginning and end show. */
function isWhole(copy: string, mtime: Date): boolean {
  // In whole ms: setting it may round it down by a fraction of one.
  const madeAt = attempt(() => statSync(copy).mtime.getTime())
  return madeAt === mtime.getTime() && attempt(() => readHead(copy)) !== undefined
}

function parseOriginal(id: string, text: string): ResultsDocument | undefined {
  const found = attempt(() => originalSchema.parse(JSON.parse(text)))
  if (!found) return undefined
  const { started, finished, dataPoints: points } = found
  const counts = new Map<string, number>()
  const dataPoints = points.map((point) => {
    const sequence = counts.get(point.peerId) ?? 0
    counts.set(point.peerId, sequence + 1)
    return { ...point, sequence }
  })
  const startsAt = started ?? points[0]!.timestamp
  const finishedAt = finished ?? points.at(-1)!.timestamp
  return {
    ...withTimes({ id, state: 'finished' as const, startsAt, finishedAt }),
    ...NOTHING_KNOWN,
    createdAt: startsAt,
    warmup: 5,
    peers: { ready: 0, reporting: counts.size, done: 0 },
    dataPointCount: points.length,
    peerResults: {},
    runnerSamples: [],
    topologies: [],
    dataPoints
  }
}
