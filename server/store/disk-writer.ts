/** Writes a large new file to the disk while its content is being made. */
import { open } from 'node:fs/promises'

/** Bytes between two syncs. Else all would reach the disk at the end, and other tests' journals wait. */
const SYNC_BYTES = 64 << 20

/** Resolves once the file is on the disk; rejects if it exists. */
export async function writeToDisk(path: string, chunks: AsyncGenerator<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    let unsynced = 0
    let syncing = Promise.resolve()
    for await (const chunk of chunks) {
      await file.appendFile(chunk)
      unsynced += chunk.length
      if (unsynced < SYNC_BYTES) continue
      unsynced = 0
      await syncing
      syncing = file.datasync()
      // Reported when it is awaited.
      syncing.catch(() => undefined)
    }
    await syncing
    await file.datasync()
  } finally {
    await file.close()
  }
}

export const isDiskFull = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Without a file descriptor, nothing is known of a file: rethrows. */
export function unlessShort(error: unknown): undefined {
  if (['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
}
