/** The results server of a local test. */
import { ResultsClient } from '../protocol/api-client'
import type { Progress } from '../cli/progress'
import { resultsFolder } from '../cli/results-folder'
import { startResultsServer, type ResultsServerOptions } from '../server/app'
import { publishedAddress } from '../server/published-address'
import { FolderInUseError } from '../server/store/start-error'

/** Number of folders to try: the usual one, and others next to it. */
const TRIES = 10
/** A server on this machine that takes longer to answer is of no use. */
const ANSWER_WITHIN_MS = 5_000

export interface LocalServer {
  url: string
  folder: string
  /** Whether this process started it. */
  isOwn: boolean
  close(): Promise<void>
}

/**
 * Starts a results server on the chosen folder, or otherwise on the usual one. If `npm run server` uses the
 * usual folder, that server takes this test as well, and its dashboard shows it. If it cannot, or if another
 * `npm start` uses the folder, this one takes a folder next to it and says so. Throws StartError.
 */
export async function startLocalServer(
  options: Omit<ResultsServerOptions, 'folder'>,
  chosen: string | undefined,
  progress: Progress
): Promise<LocalServer> {
  const usual = resultsFolder()
  for (let attempt = 1; ; attempt++) {
    const folder = chosen ?? (attempt === 1 ? usual : `${usual}-${attempt}`)
    try {
      const server = await startResultsServer({ ...options, folder })
      if (attempt > 1)
        progress.note(`Another results server uses ${usual}: the results of this run go to ${folder}.`)
      return { url: server.url, folder, isOwn: true, close: () => server.close() }
    } catch (error) {
      if (!(error instanceof FolderInUseError) || chosen !== undefined || attempt === TRIES) throw error
      const running = attempt === 1 ? await runningServer(usual, progress) : undefined
      if (running) return running
    }
  }
}

/** The server that holds the folder; undefined if it publishes no address or does not let us create tests. */
async function runningServer(folder: string, progress: Progress): Promise<LocalServer | undefined> {
  const url = publishedAddress(folder)
  if (url === undefined) return undefined
  const token = process.env.RESULTS_SERVER_TOKEN
  const client = new ResultsClient({
    url,
    retries: 0,
    timeoutMs: ANSWER_WITHIN_MS,
    ...(token && { token })
  })
  try {
    await client.listTests()
  } catch (error) {
    progress.note(`The results server at ${url} can't take this test: ${(error as Error).message}`)
    return undefined
  }
  progress.note(`Using the results server that already runs: watch the test at ${url}`)
  return { url, folder, isOwn: false, close: () => Promise.resolve() }
}
