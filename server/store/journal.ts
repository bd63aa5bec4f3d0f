/**
 * An append-only file of lines with group commit: all lines that came while the disk was busy are written and synced
 * together, and none is acknowledged before. A failed write leaves the file as it was.
 */
import { open, type FileHandle } from 'node:fs/promises'

/** `fsync`: acknowledged lines survive a power cut; `write`: a crash of the process. */
export type Durability = 'fsync' | 'write'

interface Waiting {
  line: Buffer
  done: (end: number) => void
  failed: (error: unknown) => void
}

export class Journal {
  private waiting: Waiting[] = []
  private committing: Promise<void> | undefined

  private constructor(
    private readonly file: FileHandle,
    readonly path: string,
    private readonly durability: Durability,
    private length: number
  ) {}

  /** Rejects with EEXIST where the file is there. */
  static async create(path: string, durability: Durability): Promise<Journal> {
    return new Journal(await open(path, 'wx', 0o600), path, durability, 0)
  }

  /** Opens an existing one; what follows its first `length` bytes (a torn line) is cut off. */
  static async reopen(path: string, durability: Durability, length: number): Promise<Journal> {
    const file = await open(path, 'r+')
    await file.truncate(length)
    return new Journal(file, path, durability, length)
  }

  /** Bytes that are committed. */
  get committedLength(): number {
    return this.length
  }

  /** Resolves to the line's end in the file, once it is there to stay. `line` ends in a newline. */
  append(line: Buffer): Promise<number> {
    return new Promise((done, failed) => {
      this.waiting.push({ line, done, failed })
      this.committing ??= this.commitAll()
    })
  }

  /** Resolves when all that was appended before has been committed; rejects where that failed. */
  async settled(): Promise<void> {
    if (this.committing) await this.append(Buffer.alloc(0))
  }

  async close(): Promise<void> {
    await this.committing
    await this.file.close()
  }

  private async commitAll(): Promise<void> {
    // Lets all requests of this turn of the event loop into the first commit.
    await new Promise(setImmediate)
    while (this.waiting.length > 0) {
      const group = this.waiting
      this.waiting = []
      await this.commit(group)
    }
    // In the same turn as the last look: a line that comes later must start the next commit.
    this.committing = undefined
  }

  private async commit(group: Waiting[]): Promise<void> {
    const start = this.length
    try {
      await this.write(group.map(({ line }) => line))
    } catch (error) {
      // What was written in part must not stay: the next line would be glued to it.
      await this.file.truncate(start).catch(() => undefined)
      // Nor may what waits succeed: it may be the repetition of something that has just failed (see settled).
      for (const { failed } of [...group, ...this.waiting.splice(0)]) failed(error)
      return
    }
    let end = start
    for (const { line, done } of group) {
      end += line.length
      done(end)
    }
    this.length = end
  }

  private async write(lines: Buffer[]): Promise<void> {
    const block = lines.length === 1 ? lines[0]! : Buffer.concat(lines)
    let written = 0
    while (written < block.length) {
      const { bytesWritten } = await this.file.write(
        block,
        written,
        block.length - written,
        this.length + written
      )
      written += bytesWritten
    }
    if (this.durability === 'fsync' && block.length > 0) await this.file.datasync()
  }
}
