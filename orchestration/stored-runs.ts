/** Loads existing results as runs of a comparison. */
import { createReadStream } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { describeTwins, type Run } from '../analysis/comparison/run'
import { readDocument } from '../dashboard/model/document-stream'
import { ApiError } from '../protocol/api-client'
import { ID_PATTERN } from '../protocol/limits'
import { summarySchema, type Summary } from '../protocol/summary'
import { UserError } from '../cli/user-error'
import { printableTexts } from '../cli/printable'
import { resultsClient } from '../cli/results-client'

export interface Sources {
  /** The folder with the `<id>.json` files. */
  folder: string
  /** If set, ids are requested from this server instead of the folder. */
  resultsServerUrl?: string | undefined
}

/**
 * The runs of the baseline and of the candidate. Each name is a test's id or the path of a results file.
 * Throws UserError if one can't be read, or is given twice.
 */
export async function loadRuns(
  from: readonly string[],
  to: readonly string[],
  sources: Sources
): Promise<Run[]> {
  const names = [...from, ...to]
  const found = await Promise.allSettled(names.map((name) => loadSummary(name, sources)))
  const troubles = found.flatMap((each) => (each.status === 'rejected' ? [each.reason as Error] : []))
  const bug = troubles.find((error) => !(error instanceof UserError))
  if (bug) throw bug
  if (troubles.length > 0)
    throw new UserError([...new Set(troubles.map(({ message }) => message))].join('\n'))
  const summaries = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const runs = summaries.map((summary, index): Run => {
    const variant = Number(index >= from.length)
    return { testId: summary.testId, variant, block: null, attempt: 1, summary, failures: [] }
  })
  const twins = describeTwins(runs, names)
  if (twins !== null) throw new UserError(twins)
  return runs
}

async function loadSummary(name: string, { folder, resultsServerUrl }: Sources): Promise<Summary> {
  if (!ID_PATTERN.test(name)) return readSummary(name)
  if (resultsServerUrl === undefined) return readSummary(join(folder, `${name}.json`))
  try {
    return checked(await resultsClient(resultsServerUrl).getSummary(name), name)
  } catch (error) {
    throw error instanceof ApiError ? new UserError(`${name}: ${error.message}`) : error
  }
}

/** Entry by entry: the documents of long tests are too large for a text, and many are read at once. */
async function readSummary(file: string): Promise<Summary> {
  let summary: unknown
  try {
    const stream = Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>
    await readDocument(stream, (key, value) => {
      if (key === 'summary') summary = value
    })
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UserError(
      missing ? `There is no results file ${file}` : `${file} is no results file: it is not JSON`
    )
  }
  if (summary === undefined) throw new UserError(`${basename(file)} has no summary: was the test finished?`)
  return checked(summary, file)
}

/** Summaries of another version have different fields, or fields with a different meaning. */
function checked(summary: unknown, name: string): Summary {
  const { success, data, error } = summarySchema.safeParse(printableTexts(summary))
  if (success) return data
  const { path, message } = error.issues[0]!
  throw new UserError(
    `${name} has a summary of another version of this suite (${path.join('.')}: ${message}): run it anew`
  )
}
