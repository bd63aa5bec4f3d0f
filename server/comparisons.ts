/**
 * Lists and serves comparisons, histories and weather maps: `comparisons/<id>/<kind>.json` and `.html`. Sends
 * only files whose content shows that the suite wrote them, never a link, a device or another program's file.
 */
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Response } from 'express'
import { z } from 'zod'
import { COMPARISON_KINDS, type ComparisonEntry } from '../protocol/api-answers'
import { attempt } from '../protocol/attempt'
import { ENGINES } from '../protocol/names'
import { idSchema, instantSchema } from '../protocol/primitives'
import { Refusal } from '../cli/refusal'
import type { Handlers } from './http/register'
import { unlessShort } from './store/disk-writer'

type Kind = ComparisonEntry['kind']

/** Maximum file size in bytes. A comparison of 40 blocks of 12 peers has 0.1 MB. */
const MOST_BYTES = 16 << 20

const WORST_FIRST = ['worse', 'undecided', 'pass'] as const
const engineSchema = z.enum(ENGINES).nullish()
/** Without a usable run, only the gate tells the engine. */
const gateSchema = z.object({ verdict: z.enum(WORST_FIRST), engine: engineSchema })
const provenanceSchema = z.object({ engine: engineSchema })
const sideSchema = z.object({ name: z.string(), provenance: provenanceSchema.optional() })
const head = { id: idSchema, madeAt: instantSchema.default(0) }

/** A history's document has it as a sentence. */
const STOPPED = /^It was (stopped, .*)\.$/

/** What is read of the documents. If nothing could be compared, there is little more than the gate. */
const SCHEMAS = {
  comparison: z
    .object({
      ...head,
      baseline: sideSchema.optional(),
      candidate: sideSchema.optional(),
      stopped: z.string().nullish(),
      gate: gateSchema
    })
    .transform(({ baseline, candidate, stopped, gate, ...rest }) => ({
      ...rest,
      engine: baseline?.provenance?.engine ?? gate.engine ?? undefined,
      stopped: stopped ?? undefined,
      builds: [baseline, candidate].flatMap((side) => side?.name ?? []),
      verdicts: [gate.verdict]
    })),
  history: z
    .object({
      ...head,
      builds: z.array(z.string()),
      setting: provenanceSchema.optional(),
      incomplete: z.string().nullish(),
      gates: z.array(gateSchema.nullable()),
      gatesSinceFirst: z.array(gateSchema.nullable()).default([])
    })
    .transform(({ setting, incomplete, gates, gatesSinceFirst, ...rest }) => ({
      ...rest,
      engine: setting?.engine ?? undefined,
      stopped: incomplete?.replace(STOPPED, '$1'),
      verdicts: gates.flatMap((gate, build) => {
        const own = [gate?.verdict, gatesSinceFirst[build]?.verdict]
        return WORST_FIRST.find((verdict) => own.includes(verdict)) ?? []
      })
    })),
  weather: z
    .object({
      ...head,
      baseline: z.string(),
      candidate: z.string(),
      weathers: z.array(
        z.object({
          name: z.string(),
          gate: gateSchema.nullable(),
          comparison: z.object({ baseline: sideSchema }).nullish()
        })
      )
    })
    .transform(({ baseline, candidate, weathers, ...rest }) => ({
      ...rest,
      engine: weathers.flatMap(
        ({ gate, comparison }) => comparison?.baseline.provenance?.engine ?? gate?.engine ?? []
      )[0],
      builds: [baseline, candidate],
      // A network that has not run is not decided, and so is the map.
      verdicts: weathers.map(({ gate }) => gate?.verdict ?? ('undecided' as const)),
      weathers: weathers.map(({ name }) => name)
    }))
} as const satisfies Record<Kind, z.ZodType>

interface Outcome {
  entry: ComparisonEntry
  document: Buffer
}

/** A report runs no script and has an origin of its own: it is not as trusted as the dashboard. */
const REPORT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export function comparisonHandlers(resultsFolder: string) {
  const root = join(resultsFolder, 'comparisons')
  /** By document path and its size and time: listing again parses only documents that have changed. */
  const known = new Map<string, { version: string; entry: ComparisonEntry | undefined }>()
  return {
    /** Newest first. Skips folders without an outcome. */
    listComparisons: async () => {
      const entries: ComparisonEntry[] = []
      for (const id of await ids()) {
        const found = await entryOf(id)
        if (found) entries.push(found)
      }
      return entries.sort((a, b) => b.madeAt - a.madeAt)
    },
    getComparison: async ({ params: { comparisonId: id }, response }) => {
      const { document } = await find(id)
      send(response, `attachment; filename="comparison-${id}.json"`, 'json', document)
    },
    getComparisonReport: async ({ params: { comparisonId: id }, response }) => {
      const { kind } = (await find(id)).entry
      const page = await readRegular(pathOf(id, kind, 'html'))
      if (!page || !isReportOf(page, id, kind)) throw notFound(id)
      response.setHeader('Content-Security-Policy', REPORT_POLICY)
      send(response, `inline; filename="${kind}-${id}.html"`, 'html', page)
    }
  } satisfies Partial<Handlers>

  function pathOf(id: string, kind: Kind, extension: 'json' | 'html'): string {
    return join(root, id, `${kind}.${extension}`)
  }

  /** Ids as the folders spell them. Links are never followed. */
  async function ids(): Promise<string[]> {
    // If the folder is missing, nothing has been compared yet.
    const folders = (await readdir(root, { withFileTypes: true }).catch(unlessShort)) ?? []
    return folders.filter((one) => one.isDirectory()).map(({ name }) => name)
  }

  /** Throws Refusal 404. */
  async function find(id: string): Promise<Outcome> {
    if ((await ids()).includes(id))
      for (const kind of COMPARISON_KINDS) {
        const outcome = await readOutcome(pathOf(id, kind, 'json'), id, kind)
        if (outcome) return outcome
      }
    throw notFound(id)
  }

  async function entryOf(id: string): Promise<ComparisonEntry | undefined> {
    for (const kind of COMPARISON_KINDS) {
      const path = pathOf(id, kind, 'json')
      const stat = await lstat(path).catch(() => undefined)
      if (!stat) continue
      const version = `${stat.size} ${stat.mtimeMs}`
      let last = known.get(path)
      if (last?.version !== version) {
        last = { version, entry: (await readOutcome(path, id, kind))?.entry }
        known.set(path, last)
      }
      if (last.entry) return last.entry
    }
    return undefined
  }
}

/** Undefined if the file is missing, unreadable or not the outcome of that id. */
async function readOutcome(path: string, id: string, kind: Kind): Promise<Outcome | undefined> {
  const document = await readRegular(path)
  const found = document && attempt(() => SCHEMAS[kind].parse(JSON.parse(document.toString())))
  return document && found?.id === id ? { entry: { ...found, kind }, document } : undefined
}

/** What each report says of its id, which needs no escaping; earlier versions had it in the title. */
const MARKS: Record<Kind, (id: string) => string[]> = {
  comparison: (id) => [`Comparison <code>${id}</code>`, `<title>Comparison ${id}: `],
  history: (id) => [`<title>History ${id}</title>`],
  weather: (id) => [`<title>Weather map ${id}</title>`]
}

function isReportOf(page: Buffer, id: string, kind: Kind): boolean {
  const text = page.toString('latin1')
  return text.startsWith('<!doctype html>') && MARKS[kind](id).some((mark) => text.includes(mark))
}

/** Undefined if the path is missing, unreadable, a link, a device or anything but a file of moderate size. */
const readRegular = (path: string): Promise<Buffer | undefined> => readUnlessLink(path).catch(unlessShort)

async function readUnlessLink(path: string): Promise<Buffer | undefined> {
  // O_NONBLOCK: opening a pipe would otherwise never return.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    return stat.isFile() && stat.size <= MOST_BYTES ? await file.readFile() : undefined
  } finally {
    await file.close()
  }
}

function send(response: Response, disposition: string, type: 'json' | 'html', content: Buffer): void {
  response.type(type).set({ 'Content-Disposition': disposition, 'Cache-Control': 'no-store' }).send(content)
}

function notFound(id: string): Refusal {
  const message = `No comparison "${id}" with a report in the results folder: see GET /comparison`
  return new Refusal(404, 'comparison-not-found', message, 'comparisonId')
}
