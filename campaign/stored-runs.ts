/** Loads existing results as runs of a comparison. */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Run } from '../analysis/comparison/run'
import { ApiError } from '../protocol/api-client'
import { ID_PATTERN } from '../protocol/limits'
import { summarySchema, type Summary } from '../protocol/summary'
import { UserError } from '../cli/user-error'
import { resultsClient } from '../cli/results-client'

export interface Sources {
  /** The folder with the `<id>.json` files. */
  folder: string
  /** If set, ids are requested from this server instead of the folder. */
  resultsServerUrl?: string | undefined
}

/** Each name is a test id or the path of a results file. Throws UserError if one can't be read. */
export function loadRuns(names: readonly string[], variant: number, sources: Sources): Promise<Run[]> {
  return Promise.all(
    names.map(async (name): Promise<Run> => {
      const summary = await loadSummary(name, sources)
      return { testId: summary.testId, variant, block: null, attempt: 1, summary, failures: [] }
    })
  )
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

async function readSummary(file: string): Promise<Summary> {
  let document: unknown
  try {
    document = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new UserError(
      missing ? `There is no results file ${file}` : `${file} is no results file: it is not JSON`
    )
  }
  const { summary } = document as { summary?: unknown }
  if (summary === undefined) throw new UserError(`${basename(file)} has no summary: was the test finished?`)
  return checked(summary, file)
}

/** Summaries of another version have different fields, or fields with a different meaning. */
function checked(summary: unknown, name: string): Summary {
  const { success, data, error } = summarySchema.safeParse(summary)
  if (success) return data
  const { path, message } = error.issues[0]!
  throw new UserError(
    `${name} has a summary of another version of this suite (${path.join('.')}: ${message}): run it anew`
  )
}
