/** Writes a large new file to the disk while its content is being made. */
import { open, type FileHandle } from 'node:fs/promises'

/** Bytes between two syncs. Else all would reach the disk at the end, and other tests' journals wait. */
const SYNC_BYTES = 64 << 20

/**
 * Resolves once the file is on the disk; rejects if it exists. A chunk must stay valid while the next one is
 * made, because it is written meanwhile.
 */
export async function writeToDisk(path: string, chunks: AsyncGenerator<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await writeAll(file, chunks)
  } finally {
    await chunks.return(undefined)
    await file.close()
  }
}

async function writeAll(file: FileHandle, chunks: AsyncGenerator<Buffer>): Promise<void> {
  let unsynced = 0
  let syncing = Promise.resolve()
  const write = async (chunk: Buffer) => {
    await file.appendFile(chunk)
    unsynced += chunk.length
    if (unsynced < SYNC_BYTES) return
    unsynced = 0
    await syncing
    syncing = file.datasync()
    // Reported when it is awaited.
    syncing.catch(() => undefined)
  }
  for (let next = await chunks.next(); next.done !== true;)
    [next] = await Promise.all([chunks.next(), write(next.value)])
  await syncing
  await file.datasync()
}

export const isDiskFull = (error: unknown) =>
  ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? '')
