/** The results server of a local test. */
import type { Progress } from '../cli/progress'
import { resultsFolder } from '../cli/results-folder'
import { startResultsServer, type ResultsServer, type ResultsServerOptions } from '../server/app'
import { FolderInUseError } from '../server/store/start-error'

/** Number of folders to try: the usual one, and others next to it. */
const TRIES = 10

/**
 * Starts a results server on the chosen folder, or otherwise on the usual one. If another server uses the
 * usual folder (a dashboard left open, a second `npm start`), this one takes a folder next to it and says so.
 * Throws StartError.
 */
export async function startLocalServer(
  options: Omit<ResultsServerOptions, 'folder'>,
  chosen: string | undefined,
  progress: Progress
): Promise<{ server: ResultsServer; folder: string }> {
  const usual = resultsFolder()
  for (let attempt = 1; ; attempt++) {
    const folder = chosen ?? (attempt === 1 ? usual : `${usual}-${attempt}`)
    try {
      const server = await startResultsServer({ ...options, folder })
      if (attempt > 1)
        progress.note(`Another results server uses ${usual}: the results of this run go to ${folder}.`)
      return { server, folder }
    } catch (error) {
      if (!(error instanceof FolderInUseError) || chosen !== undefined || attempt === TRIES) throw error
    }
  }
}
