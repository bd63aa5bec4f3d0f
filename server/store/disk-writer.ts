/** Writes a large new file to the disk while its content is being made. */
import { open, type FileHandle } from 'node:fs/promises'

/**
 * Bytes written between two syncs. Without these, a large file would reach the disk only at the end: all its
 * readers would wait for it, and so would the journals of other tests.
 */
const SYNC_BYTES = 64 << 20

/**
 * Resolves once the file is on the disk. Rejects if it exists. A chunk must stay valid while the next one is
 * made, because it is written meanwhile.
 */
export async function writeToDisk(path: string, chunks: AsyncGenerator<Buffer>): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await new DiskWriter(file).writeAll(chunks)
  } finally {
    await chunks.return(undefined)
    await file.close()
  }
}

class DiskWriter {
  private unsynced = 0
  private syncing = Promise.resolve()

  constructor(private readonly file: FileHandle) {}

  async writeAll(chunks: AsyncGenerator<Buffer>): Promise<void> {
    for (let next = await chunks.next(); next.done !== true;)
      [next] = await Promise.all([chunks.next(), this.write(next.value)])
    await this.syncing
    await this.file.datasync()
  }

  private async write(chunk: Buffer): Promise<void> {
    for (let written = 0; written < chunk.length;)
      written += (await this.file.write(chunk, written, chunk.length - written)).bytesWritten
    this.unsynced += chunk.length
    if (this.unsynced < SYNC_BYTES) return
    this.unsynced = 0
    await this.syncing
    this.syncing = this.file.datasync()
    // Reported when it is awaited.
    this.syncing.catch(() => undefined)
  }
}
