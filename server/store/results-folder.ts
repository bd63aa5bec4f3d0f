/** Prepares the results folder and, inside it, the server's own folder for everything not meant for users. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FolderLease } from './folder-lease'
import { StartError } from './start-error'

/** Holds leases, temporary files and the progress of the relay to InfluxDB. */
export const ownFolderOf = (folder: string) => join(folder, '.results-server')

/** Creates the folder if missing and takes it for this server. Throws StartError. */
export async function takeFolder(folder: string): Promise<FolderLease> {
  try {
    prepare(folder)
    prepare(ownFolderOf(folder))
    return await FolderLease.acquire(ownFolderOf(folder))
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(
      `Can't write to the results folder ${folder} (${(error as Error).message}): set TEST_RESULTS_LOCATION to a folder of yours`
    )
  }
}

function prepare(folder: string): void {
  makeFolder(folder)
  if (!statSync(folder).isDirectory()) throw new Error(`${folder} is not a folder`)
  accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
}

/**
 * Creates missing parents one by one: node's `recursive` option never returns if mkdir fails with ENOENT, as
 * in /proc.
 */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}
