/** The results server of a local test. */
import { randomBytes } from 'node:crypto'
import { ResultsClient, type ApiError } from '../protocol/api-client'
import type { Progress } from '../cli/progress'
import { resultsFolder } from '../cli/results-folder'
import { startResultsServer, type ResultsServerOptions } from '../server/app'
import { FolderInUseError, publishedAddress } from '../server/store/results-folder'

/** Number of folders to try: the usual one, and others next to it. */
const TRIES = 10
/** A server on this machine that takes longer to answer is of no use. */
const ANSWER_WITHIN_MS = 5_000

/**
 * Uses the chosen folder, or the usual one. A `peer-perf server` there takes this test, and shows it in its
 * dashboard. If it cannot, a port was chosen, or another `npm start` is there, takes a folder next to it and
 * says so. Throws UserError.
 */
export async function startLocalServer(
  options: Omit<ResultsServerOptions, 'folder' | 'pageToken'>,
  chosen: { folder?: string | undefined; port?: number | undefined },
  progress: Progress
) {
  const usual = resultsFolder()
  for (let attempt = 1; ; attempt++) {
    const folder = chosen.folder ?? (attempt === 1 ? usual : `${usual}-${attempt}`)
    try {
      // Never the control token: the pages run the build under test.
      const pageToken = randomBytes(24).toString('base64url')
      const server = await startResultsServer({ ...options, folder, pageToken })
      if (attempt > 1)
        progress.note(`Another results server uses ${usual}: the results of this run go to ${folder}.`)
      return { url: server.url, folder, pageToken, close: () => server.close() }
    } catch (error) {
      if (!(error instanceof FolderInUseError) || chosen.folder !== undefined || attempt === TRIES)
        throw error
      const mayShare = attempt === 1 && chosen.port === undefined
      const running = mayShare ? await runningServer(usual, progress) : undefined
      if (running) return running
    }
  }
}

/** The server that holds the folder; undefined if it publishes no address or does not take our test. */
async function runningServer(folder: string, progress: Progress) {
  const url = publishedAddress(folder)
  if (url === undefined) return undefined
  const { RESULTS_SERVER_TOKEN: controlToken, RESULTS_SERVER_SUBMIT_TOKEN: submitToken } = process.env
  const pageToken = submitToken === controlToken || submitToken === '' ? undefined : submitToken
  const listWith = (token: string | undefined) =>
    new ResultsClient({ url, retries: 0, timeoutMs: ANSWER_WITHIN_MS, token }).listTests()
  try {
    await listWith(controlToken)
    await listWith(pageToken).catch((error: unknown) => {
      const { status } = error as Partial<ApiError>
      if (status === 401)
        throw new Error('set RESULTS_SERVER_SUBMIT_TOKEN, which its peers send, to the same as there')
      // The right submit token may not list tests.
      if (status !== 403) throw error
    })
  } catch (error) {
    progress.note(`The results server at ${url} can't take this test: ${(error as Error).message}`)
    return undefined
  }
  progress.note(`Using the results server that already runs: watch the test at ${url}`)
  return { url, folder, pageToken, close: () => Promise.resolve() }
}
